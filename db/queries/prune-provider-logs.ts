import type { Sql } from 'postgres';

/**
 * Removes receipts and other words of providers that came before `before`, the oldest first, those that were about
 * nothing we know included. From then on a repetition of one would count as new: providers give up after days.
 *
 * @returns how many went.
 */
export async function pruneProviderLogs(sql: Sql, before: Date, limit: number): Promise<number> {
  const rows = await sql`
    delete from provider_logs where (provider_account, event_id) in (
      select provider_account, event_id from provider_logs
      where received_at < ${before}
      order by received_at
      limit ${limit}
      for update skip locked
    )`;
  return rows.count;
}
