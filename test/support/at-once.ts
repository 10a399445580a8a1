import type { Sql } from 'postgres';
import { until } from './until.ts';

/**
 * Runs changes of one row truly at the same moment: the row is locked until all of them wait for it, so that every one
 * that reads first and writes later has read. They write in the order in which they are given.
 *
 * @param sql with two connections more than the changes take from it.
 */
export async function atOnce<T>(
  sql: Sql,
  { table, id }: { table: string; id: string },
  ...changes: (() => Promise<T>)[]
): Promise<T[]> {
  const running: Promise<T>[] = [];
  await sql.begin(async (tx) => {
    const rows = await tx`select from ${tx(table)} where id::text = ${id} for update`;
    if (rows.length !== 1) throw new Error(`${table} has no row ${id} that could be held`);
    for (const change of changes) {
      running.push(change());
      await until(`${running.length} changes to wait for the row`, async () => {
        const waiting = await sql`
          select from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`;
        return waiting.length === running.length;
      });
    }
  });
  return Promise.all(running);
}
