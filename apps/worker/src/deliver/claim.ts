import { randomUUID } from 'node:crypto';
import { type Delivery, stuckReason, UNSTORABLE } from '@carillon/core/notification/attempt-end';
import { partsOf } from '@carillon/core/notification/lane';
import {
  type Claim,
  type ClaimedRow,
  claimNotifications,
  explainRefusals,
  type Refusal,
} from '@carillon/db/attempts/claim-notifications';
import { isLocked, isMembersFault } from '@carillon/db/connection/group-statements';
import { isTransient } from '@carillon/db/connection/sql-state';
import { failUnstorable, unstorableReason } from '@carillon/db/notifications/fail-unstorable';
import type { Claimed, ClaimResult, Refused } from './claimed.ts';
import type { LaneContext } from './context.ts';
import { giveBackIfCommitted } from './lost-claims.ts';
import { lineOf } from './ordering.ts';

/**
 * The claim step: takes the lease and commits the attempt row. Claims made together share one statement.
 *
 * @param id untrusted: any content of a job.
 */
export async function claim(ctx: LaneContext, id: string): Promise<ClaimResult> {
  const refused = (delivery: Delivery): ClaimResult => ({ ok: false, delivery, line: null });
  try {
    return await ctx.joinClaim(id);
  } catch (error) {
    // Its row exists, but another worker has it in hand.
    if (isLocked(error)) return refused({ now: 'waiting', inMs: LOCKED_MS });
    if (!isMembersFault(error)) throw error;
    ctx.onError(error, id);
    const reason = unstorableReason('its claim', error);
    await failUnstorable(ctx.sql, { id }, reason, ctx.report.entered).catch((second: unknown) => {
      if (isTransient(second)) throw second;
      ctx.onError(second, id);
    });
    return refused({ now: 'stuck', reason: stuckReason('failed', UNSTORABLE) });
  }
}

/** One group of claims: its statement, and for each unclaimed id the reason. */
export async function claimTogether(ctx: LaneContext, asked: readonly string[]): Promise<ClaimResult[]> {
  const { lane, leases, clock } = ctx;
  const { channel, priority } = partsOf(lane);
  const ids = [...new Set(asked)];
  const leaseToken = randomUUID();
  const provider = { ...ctx.expected };
  const leaseMs = leases.ms[priority];
  const sentAt = performance.now();
  const leaseEndsAt = sentAt + leaseMs;
  const endsAtWall = Date.now() + leaseMs;
  const rows = await claimOrGiveBack(ctx, ids, { channel, provider, leaseToken, leaseMs });
  const claimed = new Map<string, Claimed>();
  for (const { now } of rows.slice(0, 1)) clock.observe(sentAt, now);
  for (const row of rows) {
    const ours: Claimed = {
      ...row,
      leaseToken,
      leaseEndsAt,
      knownAt: clock.notBefore(sentAt, row.now),
      dueAt: sentAt - row.due_for * 1000,
      expectedProvider: provider[row.environment],
    };
    leases.hold(ours, endsAtWall);
    claimed.set(row.id, ours);
  }
  const refused = await refusalsOf(
    ctx,
    ids.filter((id) => !claimed.has(id)),
    channel,
  );
  return asked.map((id): ClaimResult => {
    const ours = claimed.get(id);
    // An id that appears twice in one group (a job and its repetition) goes to the first.
    claimed.delete(id);
    return ours ? { ok: true, claimed: ours } : { ok: false, ...refused(id) };
  });
}

async function claimOrGiveBack(
  { sql, onError }: LaneContext,
  ids: string[],
  wanted: Claim,
): Promise<ClaimedRow[]> {
  try {
    return await claimNotifications(sql, ids, wanted);
  } catch (error) {
    giveBackIfCommitted({ sql, onError }, ids, wanted, error);
    throw error;
  }
}

/** The claims that succeeded must not fail because the reasons for the others cannot be read: those retry. */
async function refusalsOf(
  { sql, lane, report, onError }: LaneContext,
  ids: string[],
  channel: string,
): Promise<(id: string) => Refused> {
  if (ids.length === 0) return () => ({ delivery: whyNot(undefined, channel), line: null });
  try {
    const rows = await explainRefusals(sql, ids);
    const { priority } = partsOf(lane);
    for (const { app_id: appId, channel: its, state, expired_now: expired, stopped } of rows)
      if (expired || stopped === 'cancelled')
        report.entered({ appId, channel: its, priority, provider: null, state });
    const refusals = new Map<string, Refusal>(rows.map((row) => [row.id, row]));
    return (id) => {
      const refusal = refusals.get(id);
      return { delivery: whyNot(refusal, channel), line: refusal ? lineOf(refusal) : null };
    };
  } catch (error) {
    onError(error);
    return () => ({ delivery: { now: 'waiting', inMs: UNEXPLAINED_MS }, line: null });
  }
}

/** What a refused claim means for the job: handled elsewhere, not due yet, or stuck where a person should see it. */
function whyNot(refusal: Refusal | undefined, channel: string): Delivery {
  if (!refusal) return { now: 'settled', state: 'unknown' };
  const { state, next_attempt_at, lease_until } = refusal;
  /** By PostgreSQL's clock alone: this machine's clock may be wrong. */
  const until = (time: Date | null): number => Math.max(0, time ? time.getTime() - refusal.now.getTime() : 0);
  // Its job ends; the ordering queue makes another one when its turn comes.
  if (refusal.parked) return { now: 'settled', state: 'pending' };
  // Its job ends; it is announced when the stop is lifted.
  if (refusal.stopped) return { now: 'settled', state };
  if (refusal.channel !== channel) return { now: 'settled', state };
  switch (state) {
    case 'failed':
    case 'dead':
    case 'in_doubt':
      return { now: 'stuck', reason: stuckReason(state, refusal.error_code) };
    case 'sending':
      // Another worker holds it, or died holding it: look again when its lease has ended and rescue has run.
      return { now: 'waiting', inMs: until(lease_until) + RESCUE_GRACE_MS };
    case 'scheduled':
    case 'retrying':
      return { now: 'waiting', inMs: until(next_attempt_at) };
    case 'pending':
    case 'queued':
      // It became claimable between the two statements.
      return { now: 'waiting', inMs: 100 };
    default:
      return { now: 'settled', state };
  }
}

/** Rescue runs every second; before that a second look would find the same. */
const RESCUE_GRACE_MS = 2000;
const UNEXPLAINED_MS = 2000;
/** Another transaction holds a lock on one row: its job looks again. */
const LOCKED_MS = 1000;
