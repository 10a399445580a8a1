import { type Trouble, troubleWith } from './readiness.ts';
import type { ReplicaFault } from './replica-freshness.ts';

/** What becomes of a replica: `in_use`, or why reads go to the primary instead. */
export type ReplicaState = 'in_use' | 'lagging' | 'unfit' | 'down';

/** Why a replica is not read from. */
export type ReplicaProblem = KnownProblem | { state: 'down'; error: unknown };

/** `boundMs` is how far it may be behind. */
export type KnownProblem =
  | { state: 'unfit'; fault: ReplicaFault }
  | { state: 'lagging'; behindMs: number; boundMs: number; isPaused: boolean };

interface Advice {
  code: string;
  /** The end of a sentence that begins with the replica. */
  what: string;
  /** An instruction, without a full stop. */
  remedy: string;
}

const FAULTS: Readonly<Record<ReplicaFault, Omit<Advice, 'code'>>> = {
  not_a_replica: {
    what: 'takes writes itself, so it follows no primary (it was promoted, or it is the primary)',
    remedy:
      'let DATABASE_REPLICA_URL lead to a server that streams from the one of DATABASE_URL, or take it out',
  },
  other_server: {
    what: 'is no copy of the server of DATABASE_URL',
    remedy: 'let both URLs lead to servers of one replication, or take DATABASE_REPLICA_URL out',
  },
  other_database: {
    what: 'has another database than DATABASE_URL',
    remedy: 'write the same database name at the end of both URLs',
  },
  other_history: {
    what: 'follows another server than the primary of DATABASE_URL, or has what that one lost in a failover',
    remedy: 'rebuild it from the primary (pg_basebackup or pg_rewind)',
  },
};

const PAUSED = 'its replay is paused, so run select pg_wal_replay_resume() on it';
const SLOW =
  'look at pg_stat_replication on the primary and pg_stat_wal_receiver on the replica, at the network between them, and at long queries on the replica, which hold up its replay (max_standby_streaming_delay)';

/** What is wrong with a replica that answers, and what to do. */
export function replicaAdvice(problem: KnownProblem): Advice {
  if (problem.state === 'unfit') return { code: problem.fault, ...FAULTS[problem.fault] };
  const [behind, bound] = [problem.behindMs, problem.boundMs].map((ms) => Math.round(ms / 1000));
  return {
    code: 'replica_lags',
    what: `is ${behind} s behind the primary, and DATABASE_REPLICA_MAX_LAG_SECONDS allows ${bound} s`,
    remedy: problem.isPaused ? PAUSED : SLOW,
  };
}

const MEANWHILE = 'Lists are read from the primary meanwhile.';

/** @param url of DATABASE_REPLICA_URL, for the log. */
export function troubleWithReplica(problem: ReplicaProblem, url: string): Trouble {
  if (problem.state === 'down') {
    const context = { what: 'The replica', setting: 'DATABASE_REPLICA_URL', at: url };
    const { logged, problem: shown } = troubleWith('replica', problem.error, context);
    return {
      logged: { ...logged, sentence: `${logged.sentence} ${MEANWHILE}` },
      problem: { ...shown, message: `${shown.message} ${MEANWHILE}` },
    };
  }
  const { code, what, remedy } = replicaAdvice(problem);
  const sentence = (at: string): string => `The replica${at} ${what}: ${remedy}. ${MEANWHILE}`;
  const host = URL.parse(url)?.host;
  return {
    logged: { code, sentence: sentence(host ? ` at ${host}` : '') },
    problem: { part: 'replica', code, message: sentence('') },
  };
}
