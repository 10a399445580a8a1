import process from 'node:process';
import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../support/until.ts';
import type { Cell } from '../cell/cell.ts';
import type { Finding } from '../judge/rules.ts';

/**
 * Servers of tests answer a commit before it is written, and lose the last ones in a crash. From now on the sessions
 * that begin do not, as in production.
 */
export async function keepCommits({ sql, databaseUrl }: Cell): Promise<void> {
  await sql.unsafe(`alter database ${new URL(databaseUrl).pathname.slice(1)} set synchronous_commit = on`);
}

/** A session that dies takes the server down with it: every session ends, and it recovers from its log. */
export async function crashDatabase(cell: Cell): Promise<Finding[]> {
  const startedAt = () =>
    cell.sql<[{ at: string }]>`select pg_postmaster_start_time()::text || pg_conf_load_time()::text as at`;
  await startedAt();
  const [session] = await cell.sql<{ pid: number }[]>`
    select pid from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend' limit 1`;
  if (!session) return [{ rule: 'unproven', id: 'PostgreSQL', why: 'it had no session to kill' }];
  process.kill(session.pid, 'SIGKILL');
  await pause(500);
  await until('PostgreSQL to be back', () => startedAt().then(() => true), { timeoutMs: 60_000 });
  return [];
}
