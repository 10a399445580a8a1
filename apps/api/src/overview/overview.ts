import type { Environment } from '@carillon/core/notification/environment';
import { LANES } from '@carillon/core/notification/lane';
import { PRIORITIES } from '@carillon/core/notification/priority';
import { type Buckets, percentile } from '@carillon/core/overview/durations';
import { measureDoubts } from '@carillon/db/doubts/measure-doubts';
import { countDead } from '@carillon/db/notifications/count-dead';
import { measureOutbox } from '@carillon/db/outbox/measure-outbox';
import { type AccountUse, readAccountUse } from '@carillon/db/overview/read-accounts';
import { type MeasuredNow, readMeasuredNow } from '@carillon/db/overview/read-measured';
import type { ReadAnswer, Reader, Reads } from '@carillon/db/replica/reader';
import { countPendingEvents } from '@carillon/db/webhooks/count-pending-events';
import type { z } from '@hono/zod-openapi';
import type { overviewSchema } from '../routes/overview/overview-schema.ts';
import { type FlowTotals, recentFlows } from './recent-flows.ts';
import { sharedAnswer } from './shared-answer.ts';

export type Overview = z.input<typeof overviewSchema>;

/**
 * What all viewers of this process share for two seconds; longer where it took long. Most of the time is spent waiting
 * for PostgreSQL, so a twentieth of the time is less than 2 % of a processor.
 */
const SHARED = { forMs: 2_000, share: 0.05 };
/** The leader measures every five seconds; what it left longer ago than this is measured here, as far as it can be. */
const LEADER_LATE_MS = 60_000;
/** The counting of dead notifications stops here. */
const MOST_DEAD = 100_000;

interface Look {
  at: Date;
  parts: MeasuredNow;
  accounts: readonly AccountUse[];
}

/** The overview of the installation as one API process knows it. @returns per environment of the caller. */
export function createOverview(reads: Reads): (environment: Environment) => Promise<ReadAnswer<Overview>> {
  const flows = recentFlows();
  const look = async (sql: Reader, behindMs: number): Promise<Look> => {
    const { now, parts } = await readMeasuredNow(sql);
    const at = new Date(now.getTime() - behindMs);
    const accounts = await readAccountUse(sql);
    await flows.look(sql, at);
    return { at, parts: await withOwnMeasure(sql, now, parts), accounts };
  };
  const shared = sharedAnswer(async () => {
    const seen = await reads.read(({ sql, behindMs }) => look(sql, behindMs));
    const views = new Map<Environment, Promise<ReadAnswer<Overview>>>();
    return (environment: Environment) => {
      const view = views.get(environment) ?? viewOf(reads, seen, flows, environment);
      views.set(environment, view);
      return view;
    };
  }, SHARED);
  return async (environment) => (await shared())(environment);
}

/** Where no worker leads, what PostgreSQL knows is measured here; what only Redis knows stays as old as it is. */
async function withOwnMeasure(sql: Reader, now: Date, parts: MeasuredNow): Promise<MeasuredNow> {
  const measured = parts.postgres;
  if (measured && now.getTime() - measured.measuredAt.getTime() < LEADER_LATE_MS) return parts;
  const outbox = await measureOutbox(sql);
  const doubts = await measureDoubts(sql);
  const dead = await countDead(sql);
  const eventsPending = await countPendingEvents(sql);
  return { ...parts, postgres: { outbox, doubts, dead, eventsPending, measuredAt: now } };
}

async function viewOf(
  reads: Reads,
  seen: ReadAnswer<Look>,
  flows: ReturnType<typeof recentFlows>,
  environment: Environment,
): Promise<ReadAnswer<Overview>> {
  const rates = flows.rates(environment);
  const { value: window } = await reads.read(({ sql }) => flows.window(sql, environment));
  return { value: overviewOf(seen.value, rates, window, environment), asOf: seen.asOf };
}

function overviewOf(
  { at, parts, accounts }: Look,
  rates: FlowTotals | null,
  window: FlowTotals | null,
  environment: Environment,
): Overview {
  const { redis, postgres, stuck } = parts;
  return {
    measured_at: at.toISOString(),
    environment,
    rates: rates && {
      ...period(rates),
      accepted_per_second: perSecond(rates, sum(rates, 'accepted')),
      sent_per_second: perSecond(rates, sum(rates, 'end_to_end')),
    },
    window: window && period(window),
    priorities: PRIORITIES.map((priority) => {
      const sent = window?.of('end_to_end').get(priority);
      return {
        priority,
        accepted: window?.of('accepted').get(priority)?.count ?? 0,
        sent: sent?.count ?? 0,
        end_to_end_ms: percentiles(sent?.buckets),
      };
    }),
    accounts: accounts.map((account) => accountView(account, window)),
    lanes: LANES.map((lane) => {
      const jobs = redis?.lanes.find((each) => each.lane === lane);
      const waiting = postgres?.outbox.find((each) => each.lane === lane);
      return {
        lane,
        waiting: jobs?.waiting ?? null,
        delayed: jobs?.delayed ?? null,
        active: jobs?.active ?? null,
        failed: jobs?.failed ?? null,
        oldest_seconds: jobs === undefined ? null : tenths(jobs.oldestSeconds),
        outbox_rows: (waiting?.known ?? 0) + (waiting?.unknown ?? 0),
        relay_lag_seconds: tenths(waiting?.lagSeconds ?? 0),
      };
    }),
    backlog: postgres && {
      measured_at: postgres.measuredAt.toISOString(),
      dead: postgres.dead,
      dead_is_complete: postgres.dead < MOST_DEAD,
      in_doubt: postgres.doubts.map(({ waitsFor, count, oldestSeconds }) => ({
        waits_for: waitsFor,
        count,
        oldest_seconds: tenths(oldestSeconds),
      })),
      events_pending: postgres.eventsPending,
    },
    redis: redis && {
      measured_at: redis.measuredAt.toISOString(),
      used_bytes: redis.usedBytes,
      max_bytes: redis.maxBytes === 0 ? null : redis.maxBytes,
    },
    stuck: stuck && {
      audited_at: stuck.measuredAt.toISOString(),
      count: Object.values(stuck.counts).reduce((all, count) => all + count, 0),
      by_kind: stuck.counts,
    },
  };
}

function accountView(
  { account, channel, state, heldBy, reason, changedAt, enabled }: AccountUse,
  window: FlowTotals | null,
): Overview['accounts'][number] {
  const outcomes: Record<string, number> = {};
  for (const [label, { count }] of window?.of('attempts') ?? [])
    if (label.startsWith(`${account}/`)) outcomes[label.slice(account.length + 1)] = count;
  const attempts = Object.values(outcomes).reduce((all, count) => all + count, 0);
  const accepted = outcomes.accepted ?? 0;
  return {
    account,
    channel,
    use: enabled === false ? 'switched_off' : USE[state],
    breaker: state,
    held_by: heldBy,
    reason,
    since: changedAt.toISOString(),
    attempts,
    accepted,
    success: attempts === 0 ? null : Math.round((accepted / attempts) * 10_000) / 10_000,
    outcomes,
    call_ms: percentiles(window?.of('calls').get(account)?.buckets),
  };
}

const USE = { closed: 'in_use', half_open: 'on_trial', open: 'not_used' } as const;

function period({ from, to }: FlowTotals) {
  return { from: from.toISOString(), to: to.toISOString() };
}

function sum(totals: FlowTotals, series: 'accepted' | 'end_to_end'): number {
  return [...totals.of(series).values()].reduce((all, { count }) => all + count, 0);
}

function perSecond({ from, to }: FlowTotals, count: number): number {
  return Math.round((count / (to.getTime() - from.getTime())) * 1000 * 100) / 100;
}

const tenths = (seconds: number): number => Math.round(seconds * 10) / 10;

function percentiles(buckets: Buckets | undefined) {
  const p50 = percentile(buckets ?? [], 0.5);
  const p99 = percentile(buckets ?? [], 0.99);
  return p50 === null || p99 === null ? null : { p50, p99 };
}
