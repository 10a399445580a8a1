import postgres from 'postgres';
import { until } from './until.ts';

/**
 * Makes every session of PostgreSQL that is open now read-only and lets new ones write: what a failover leaves behind
 * that keeps old connections open. Resolves when the sessions have it.
 *
 * It changes settings of the whole server and of the account: only for a server that no other test uses.
 *
 * @param url of a superuser's account, the one whose sessions are meant
 * @returns takes it back, and ends the sessions of our programs: those opened meanwhile would be spared the next time
 */
export async function makeSessionsReadOnly(url: string): Promise<() => Promise<void>> {
  await administer(url, async (sql) => {
    // New sessions have the setting of their account, which counts for more than that of the server.
    await sql`alter role current_user set default_transaction_read_only = off`;
    await sql`alter system set default_transaction_read_only = on`;
    await sql`select pg_reload_conf()`;
    await until('an open session to be read-only', async () => {
      const [row] = await sql`show default_transaction_read_only`;
      return row!.default_transaction_read_only === 'on';
    });
  });
  return () =>
    administer(url, async (sql) => {
      await sql`alter system reset default_transaction_read_only`;
      await sql`alter role current_user reset default_transaction_read_only`;
      await sql`select pg_reload_conf()`;
      await sql`select pg_terminate_backend(pid) from pg_stat_activity where application_name like 'carillon-%'`;
    });
}

async function administer(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 2 });
  }
}
