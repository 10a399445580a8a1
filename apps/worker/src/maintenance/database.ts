import type { ReadinessWatch } from '../readiness.ts';
import type { Duty } from '../service.ts';

/** A longer answer counts as none; with the pause between two looks this stays below five seconds. */
const WITHIN_MS = 2500;

/**
 * Checks whether this process can write to PostgreSQL and Redis and has accounts to send through, and logs it when it
 * cannot. PostgreSQL is checked on sessions of every pool: an idle pool would otherwise find out late that its sessions
 * are from before a failover. Read-only sessions are renewed (db/connection/read-only-sessions.ts).
 */
export function database(readiness: Pick<ReadinessWatch, 'look'>): Duty {
  return {
    name: 'database',
    everyMs: 2000,
    async runOnce() {
      const { postgres } = await readiness.look(WITHIN_MS);
      if (postgres === 'read_only') throw new Error('PostgreSQL takes no writes: its sessions are read-only');
      if (postgres === 'down') throw new Error('PostgreSQL cannot be used');
      return 0;
    },
  };
}
