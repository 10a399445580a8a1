import { DeadlineError, withTimeout } from '@carillon/core/notification/deadline';
import { failureOf } from '@carillon/core/program/explain-failure';
import type { OutageReport } from '@carillon/core/program/outage-report';
import type { ReadinessProblem } from '@carillon/core/program/readiness';
import { createFreshness } from '@carillon/core/program/replica-freshness';
import {
  type ReplicaProblem,
  type ReplicaState,
  troubleWithReplica,
} from '@carillon/core/program/replica-trouble';
import type { Sql } from 'postgres';
import { openDatabase } from '../connection/client.ts';
import { openSetStatements } from '../connection/set-statements.ts';
import { mayAskPrimary, sqlFailure } from '../connection/sql-state.ts';
import type { ReadAnswer, ReadFrom, Reads } from './reader.ts';
import { readPrimaryFacts, readReplicaFacts } from './replica-facts.ts';

/** Where a read was answered, or why the replica did not answer it. */
export type ReadOutcome =
  /** The replica answered. */
  | 'replica'
  /** It was not asked: it lags, is away or is unfit. */
  | 'left_alone'
  /** It was not asked: the caller wanted a newer answer. */
  | 'newer_wanted'
  /** It was asked and failed; the primary answered. */
  | 'failed';

/** A streaming replica: reads go there while it is fit and new enough, else to the primary. It never takes a write. */
export interface Replica extends Reads {
  /** As of the last look; waits for the first one. */
  look(): Promise<{ state: ReplicaState; problem: ReadinessProblem | null }>;
  state(): ReplicaState;
  /** How old its data may be at this moment, in milliseconds; null: unknown. */
  behindMs(): number | null;
  close(): Promise<void>;
}

export interface ReplicaOptions {
  url: string;
  /** Shown in pg_stat_activity. */
  name: string;
  connections: number;
  statementTimeoutMs: number;
  silenceMs: number;
  primary: Record<'sql' | 'sets', Sql>;
  /** Data that may be older than this is not shown, in milliseconds. */
  maxLagMs: number;
  report: Pick<OutageReport, 'found'>;
  onRead?(outcome: ReadOutcome): void;
}

const LOOK_EVERY_MS = 500;
const LOOK_WITHIN_MS = 1_000;
/** A replica that lagged is taken again below this part of the bound, so that it does not come and go at the bound. */
const CAUGHT_UP = 0.75;
const LEFT = Symbol('the replica is away');
const NO_ANSWER = failureOf('NO_ANSWER', 'the replica does not answer in time');

/** Never throws and waits for nothing: a replica that is away is looked for until it is there. */
export function openReplica(options: ReplicaOptions): Replica {
  const { url, name, primary, maxLagMs, report, onRead = () => {} } = options;
  const common = { url, name: `${name}-replica`, readOnly: true };
  const { connections, statementTimeoutMs, silenceMs } = options;
  const db = openDatabase({ ...common, connections, statementTimeoutMs, silenceMs });
  const sets = openSetStatements(common);
  const freshness = createFreshness();
  const now = () => performance.now();
  let problem: ReplicaProblem | null = null;
  let isNew = true;
  /** When it was last known how new the data is. */
  let knownAt = now();
  /** A read found it away; the next look decides. */
  let isSuspected = false;
  /** Reads that wait for it: they go to the primary when it is away. */
  const waiting = new Set<() => void>();

  const behindMs = (): number | null => {
    const asOf = freshness.asOf();
    return asOf === null ? null : now() - asOf;
  };
  const found = (next: ReplicaProblem | null): void => {
    problem = next;
    report.found('The replica of PostgreSQL', next && troubleWithReplica(next, url).logged);
    if (next?.state === 'down') for (const leave of waiting) leave();
  };
  const isAway = (error: unknown): void => {
    // A new attempt to connect waits for longer than a look: then the last answer still says most.
    const known = problem?.state === 'down' ? problem.error : NO_ANSWER;
    found({ state: 'down', error: db.lastFailure() ?? (error instanceof DeadlineError ? known : error) });
  };

  const look = async (): Promise<void> => {
    const askedAt = now();
    const ofPrimary = await withTimeout(LOOK_WITHIN_MS, readPrimaryFacts(primary.sql)).catch(() => null);
    if (ofPrimary) freshness.primarySaid(ofPrimary, askedAt);
    let facts: Awaited<ReturnType<typeof readReplicaFacts>>;
    try {
      facts = await withTimeout(LOOK_WITHIN_MS, readReplicaFacts(db.kept));
    } catch (error) {
      return isAway(error);
    }
    isSuspected = false;
    const fault = freshness.replicaSaid(facts);
    if (fault !== null || freshness.asOf() !== null) knownAt = now();
    if (fault !== null) return found({ state: 'unfit', fault });
    // How far it is behind is unknown while the primary is away, which is said of the primary.
    if (!ofPrimary && problem === null) return;
    const behind = now() - (freshness.asOf() ?? knownAt);
    const boundMs = problem?.state === 'lagging' ? maxLagMs * CAUGHT_UP : maxLagMs;
    if (behind > boundMs)
      return found({ state: 'lagging', behindMs: behind, boundMs: maxLagMs, isPaused: facts.isPaused });
    if (freshness.asOf() !== null) found(null);
  };

  let looking = true;
  let timer: NodeJS.Timeout | undefined;
  const keepLooking = async (): Promise<void> => {
    await look();
    isNew = false;
    if (looking) timer = setTimeout(() => void keepLooking(), LOOK_EVERY_MS).unref();
  };
  const first = keepLooking();

  const read = async <T>(
    work: (from: ReadFrom) => Promise<T>,
    maxBehindMs = Number.POSITIVE_INFINITY,
  ): Promise<ReadAnswer<T>> => {
    const fromPrimary = async (outcome: ReadOutcome): Promise<ReadAnswer<T>> => {
      onRead(outcome);
      return { value: await work({ ...primary, behindMs: 0 }), asOf: null };
    };
    const asOf = freshness.asOf();
    const behind = asOf === null ? null : now() - asOf;
    if (problem !== null || isSuspected || asOf === null || behind === null || behind > maxLagMs)
      return fromPrimary('left_alone');
    if (behind > maxBehindMs) return fromPrimary('newer_wanted');
    const { promise: left, resolve: leave } = Promise.withResolvers<typeof LEFT>();
    const leaveIt = () => leave(LEFT);
    waiting.add(leaveIt);
    try {
      const answer = work({ sql: db.sql, sets: sets.sql, behindMs: behind });
      // If the replica goes away, this one goes on unobserved.
      answer.catch(() => {});
      const value = await Promise.race([answer, left]);
      if (value === LEFT) return fromPrimary('failed');
      onRead('replica');
      return { value, asOf };
    } catch (error) {
      if (!mayAskPrimary(error)) throw error;
      isSuspected ||= sqlFailure(error) === 'unreachable';
      return fromPrimary('failed');
    } finally {
      waiting.delete(leaveIt);
    }
  };

  const state = (): ReplicaState => {
    if (problem !== null) return problem.state;
    const behind = behindMs();
    return behind === null || behind > maxLagMs ? 'lagging' : 'in_use';
  };
  return {
    read,
    state,
    behindMs,
    look: async () => {
      if (isNew) await first;
      return { state: state(), problem: problem && troubleWithReplica(problem, url).problem };
    },
    close: async () => {
      looking = false;
      clearTimeout(timer);
      await Promise.all([db.close(), sets.close()]);
    },
  };
}
