import { withTimeout } from '../notification/deadline.ts';
import type { OutageReport } from './outage-report.ts';
import type { ReadinessProblem, Trouble } from './readiness.ts';

/** `read_only`: it answers and takes no writes. */
export type ServerState = 'ok' | 'read_only' | 'down';

/** The state of PostgreSQL and Redis as a program sees it, for its readiness. */
export interface ServerStates {
  postgres: ServerState;
  /** Migrations that this release needs and the database lacks, oldest first. */
  missing_migrations: string[];
  redis: ServerState | 'not_configured';
  problems: ReadinessProblem[];
}

export interface ServerLooksOptions {
  /** db/readiness.ts */
  database(
    withinMs: number,
  ): Promise<{ postgres: ServerState; missingMigrations: string[]; trouble: Trouble | null }>;
  /** packages/queue/src/write-watch.ts; null without REDIS_URL. */
  redis: { look(): Promise<ServerState>; trouble(): Trouble | null } | null;
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
  report,
  onLook,
}: ServerLooksOptions): (withinMs: number) => Promise<ServerStates> {
  let asked: Promise<ServerStates> | null = null;

  const look = async (withinMs: number): Promise<ServerStates> => {
    const [{ postgres, missingMigrations, trouble }, state] = await Promise.all([
      database(withinMs),
      redis ? withTimeout(withinMs, redis.look()).catch(() => 'down' as const) : ('not_configured' as const),
    ]);
    const ofRedis = redis?.trouble() ?? null;
    report.found('PostgreSQL', trouble?.logged ?? null);
    report.found('Redis', ofRedis?.logged ?? null);
    const states: ServerStates = {
      postgres,
      missing_migrations: missingMigrations,
      redis: state,
      problems: [trouble, ofRedis].flatMap((each) => (each ? [each.problem] : [])),
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
