import { Refusal } from '@carillon/core/program/refusal';
import type { Sql } from 'postgres';
import { openSession } from '../connection/session.ts';

/**
 * One connection for a backup or a restore: its statements read and write whole tables, so that no limit of the
 * programs holds. Closed when `use` has ended.
 */
export async function withMaintenanceConnection<T>(url: string, use: (sql: Sql) => Promise<T>): Promise<T> {
  const settings = { statement_timeout: 0, idle_in_transaction_session_timeout: 0 };
  const sql = openSession({ url, name: 'carillon-admin', settings });
  try {
    return await use(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

/** @throws Refusal while programs of Carillon are connected: what they send meanwhile would not be known. */
export async function assertNobodyIsConnected(sql: Sql): Promise<void> {
  const rows = await sql<{ name: string; count: number }[]>`
    select application_name as name, count(*)::int as count from pg_stat_activity
    where datname = current_database() and pid <> pg_backend_pid() and application_name like 'carillon%'
    group by 1 order by 1`;
  if (rows.length === 0) return;
  const who = rows.map(({ name, count }) => `${name} (${count})`).join(', ');
  throw new Refusal(
    'programs_connected',
    `Programs of Carillon are connected to this database: ${who}. Stop all of them first, on every machine. A pooler keeps their names on its connections for a while: RECONNECT it.`,
  );
}
