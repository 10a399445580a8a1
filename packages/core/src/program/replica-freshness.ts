/** What the primary says about itself. */
export interface PrimaryFacts {
  /** How far its log of changes is safe on its disk, in bytes. */
  position: number;
  /** The number of its history: each promotion begins a new one. */
  timeline: number;
  /** The same for a primary and all its replicas, and no other server. */
  system: string;
  /** The id of the database inside the server. */
  database: string;
}

/** What a replica says about itself. */
export interface ReplicaFacts {
  /** It repeats what a primary does, and takes no writes. */
  isReplica: boolean;
  /** How far it has repeated the log, in bytes; null: it has none. */
  position: number | null;
  /** Somebody has stopped it from going on. */
  isPaused: boolean;
  /** The history that it receives; null if it receives none, or does not show it to this user. */
  timeline: number | null;
  system: string;
  database: string;
}

/** Why a replica that answers must not be read from. `lagging` is for who knows the bound. */
export type ReplicaFault = 'not_a_replica' | 'other_server' | 'other_database' | 'other_history';

/**
 * How new the data of a replica is, without comparing clocks: at each look the primary says how far its log is, and once
 * the replica has repeated the log up to there it has everything that was committed before that look. So the age is
 * known also while nothing is written, while the replica is cut off, and while it is paused.
 *
 * Times are milliseconds of one clock that only moves forward.
 */
export interface Freshness {
  /** @param askedAt before the primary was asked. */
  primarySaid(facts: PrimaryFacts, askedAt: number): void;
  replicaSaid(facts: ReplicaFacts): ReplicaFault | null;
  /** Everything that was committed before this is on the replica; null: that was never seen. */
  asOf(): number | null;
}

interface Mark {
  askedAt: number;
  position: number;
}

/** Marks that the replica has not reached. Of more, every second one is forgotten, which makes it look older, not newer. */
const MOST_MARKS = 1_000;

export function createFreshness(): Freshness {
  let primary: PrimaryFacts | null = null;
  let marks: Mark[] = [];
  let asOf: number | null = null;
  let reached = 0;
  let isAhead = false;

  const startAgain = (): void => {
    marks = [];
    asOf = null;
  };

  return {
    primarySaid(facts, askedAt) {
      // Positions of another history mean nothing in this one.
      if (primary !== null && primary.timeline !== facts.timeline) startAgain();
      // A replica can only repeat what its primary had before: this one follows, or followed, another server.
      isAhead = reached > facts.position;
      primary = facts;
      marks.push({ askedAt, position: facts.position });
      if (marks.length > MOST_MARKS) marks = marks.filter((_, n) => n % 2 === 1);
    },
    replicaSaid(facts) {
      const fault = primary === null ? null : faultOf(facts, primary, isAhead);
      if (fault !== null || facts.position === null) {
        reached = fault === 'other_history' ? (facts.position ?? 0) : 0;
        startAgain();
        return fault;
      }
      reached = facts.position;
      for (const mark of marks) if (mark.position <= reached) asOf = mark.askedAt;
      marks = marks.filter(({ position }) => position > reached);
      return null;
    },
    asOf: () => asOf,
  };
}

function faultOf(facts: ReplicaFacts, primary: PrimaryFacts, isAhead: boolean): ReplicaFault | null {
  if (facts.system !== primary.system) return 'other_server';
  if (!facts.isReplica) return 'not_a_replica';
  if (facts.database !== primary.database) return 'other_database';
  if (isAhead) return 'other_history';
  return facts.timeline !== null && facts.timeline !== primary.timeline ? 'other_history' : null;
}
