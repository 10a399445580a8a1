import { withTimeout } from '../notification/deadline.ts';
import type { OutageReport } from './outage-report.ts';
import type { ReadinessProblem, Trouble } from './readiness.ts';
import type { ReplicaState } from './replica-trouble.ts';

/** `read_only`: it answers and takes no writes. */
export type ServerState = 'ok' | 'read_only' | 'down';

/** The state of PostgreSQL and Redis as a program sees it, for its readiness. */
export interface ServerStates {
  postgres: ServerState;
  /** Migrations that this release needs and the database lacks, oldest first. */
  missing_migrations: string[];
  redis: ServerState | 'not_configured';
  /** Only of programs that read from one. */
  replica?: ReplicaState | 'not_configured';
  problems: ReadinessProblem[];
}

export interface ServerLooksOptions {
  /** db/readiness.ts */
  database(
    withinMs: number,
  ): Promise<{ postgres: ServerState; missingMigrations: string[]; trouble: Trouble | null }>;
  /** packages/queue/src/write-watch.ts; null without REDIS_URL. */
  redis: { look(): Promise<ServerState>; trouble(): Trouble | null } | null;
  /** db/replica; null without DATABASE_REPLICA_URL. It says itself in the log what it finds. */
  replica?: { look(): Promise<{ state: ReplicaState; problem: ReadinessProblem | null }> } | null;
  /** Called with the result of each check. */
  report: OutageReport;
  /** Called with the states that each check found. */
  onLook?(states: ServerStates): void;
}

/**
 * @returns a function that checks both, and resolves within about twice the given milliseconds. Concurrent calls share
 * one check: readiness is public and may be queried at any rate.
 */
export function serverLooks({
  database,
  redis,
  replica,
  report,
  onLook,
}: ServerLooksOptions): (withinMs: number) => Promise<ServerStates> {
  let asked: Promise<ServerStates> | null = null;

  const look = async (withinMs: number): Promise<ServerStates> => {
    const [{ postgres, missingMigrations, trouble }, state, ofReplica] = await Promise.all([
      database(withinMs),
      redis ? withTimeout(withinMs, redis.look()).catch(() => 'down' as const) : ('not_configured' as const),
      replica ? replica.look() : null,
    ]);
    const ofRedis = redis?.trouble() ?? null;
    report.found('PostgreSQL', trouble?.logged ?? null);
    report.found('Redis', ofRedis?.logged ?? null);
    const states: ServerStates = {
      postgres,
      missing_migrations: missingMigrations,
      redis: state,
      ...(replica === undefined ? {} : { replica: ofReplica?.state ?? ('not_configured' as const) }),
      problems: [trouble?.problem, ofReplica?.problem, ofRedis?.problem].filter((each) => each != null),
    };
    onLook?.(states);
    return states;
  };

  return (withinMs) => {
    asked ??= look(withinMs).finally(() => {
      asked = null;
    });
    return asked;
  };
}
