import { findPooler, startPooler } from '../../test/support/pooler.ts';
import type { CarillonSystem } from '../system.ts';
import { type DetourCounts, detour } from './detour.ts';
import type { Run } from './run.ts';

/** What a pooler in transaction mode costs: PgBouncer on the same machine. */
export async function pooler(run: Run, carillon: CarillonSystem, counts: DetourCounts): Promise<void> {
  const found = findPooler();
  if ('missing' in found) return run.say(`pooler: not measured, ${found.missing}`);
  const bouncer = await startPooler(found, { server: carillon.databaseUrl });
  const env = {
    DATABASE_URL: bouncer.through(carillon.databaseUrl),
    DATABASE_POOLER: 'transaction',
    DATABASE_DIRECT_URL: carillon.databaseUrl,
  };
  try {
    await detour(run, carillon, { part: 'pooler', env, counts });
  } finally {
    await bouncer.stop();
  }
}
