import type { Sql, TransactionSql } from 'postgres';
import type { Line } from './advance-order.ts';
import { blockedInLine, openInLine } from './order-line.ts';

/** Whether a notification that joined the queue of an ordering key now would wait for an older one. */
export async function isLineBusy(
  sql: Sql | TransactionSql,
  { appId, environment, orderingKey }: Line,
): Promise<boolean> {
  const rows = await sql`
    select from notification_order line
    join notifications ahead on ahead.id = line.notification_id
    where line.app_id = ${appId} and line.environment = ${environment} and line.ordering_key = ${orderingKey}
      and ${openInLine(sql as Sql)}
    limit 1`;
  return rows.length > 0;
}

/** Whether an older notification of its ordering key is open. */
export async function isBehindInLine(sql: Sql, id: string): Promise<boolean> {
  const rows = await sql`select from notifications where id = ${id}::uuid and ${blockedInLine(sql)}`;
  return rows.length > 0;
}
