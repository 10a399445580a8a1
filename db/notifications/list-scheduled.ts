import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import { conditions, type NotificationPage, SCAN_LIMIT } from './find-notifications.ts';
import { type NotificationRow, notificationColumns } from './get-notification.ts';
import { type NotificationFilter, type Position, sourcesFor } from './notification-sources.ts';

export type ScheduledNotification = NotificationRow & { position: string };

/**
 * What is scheduled, next to be sent first, by keyset over the time of sending; `createdAt` of a position is that time.
 * As in findNotifications a page scans a bounded number of entries, so it may be short although there are more.
 *
 * @param filter its `before` is where the previous page ended.
 * @param scanLimit for tests.
 */
export async function listScheduled(
  sql: Reader,
  tenant: Tenant,
  { before: after, ...filter }: NotificationFilter,
  limit: number,
  scanLimit = SCAN_LIMIT,
): Promise<NotificationPage<ScheduledNotification>> {
  // Only for the recipients who have the address of the filter.
  const { recipientIds } = filter.address ? await sourcesFor(sql, tenant, filter) : { recipientIds: [] };
  const { dueAfter, dueBefore, createdAfter, createdBefore } = filter;
  const rows = await sql<(ScheduledNotification & { isMatch: boolean })[]>`
    with due as materialized (
      select w.id, w.next_attempt_at from notifications w
      where w.app_id = ${tenant.appId} and w.environment = ${tenant.environment} and w.rare_state = 'scheduled'
        ${after ? sql`and (w.next_attempt_at, w.id) > (${after.createdAt}::timestamptz, ${after.id}::uuid)` : sql``}
        ${dueAfter && !after ? sql`and w.next_attempt_at >= ${dueAfter}` : sql``}
        ${dueBefore ? sql`and w.next_attempt_at < ${dueBefore}` : sql``}
      order by w.next_attempt_at, w.id
      limit ${scanLimit}
    ), page as (
      select d.id, d.next_attempt_at from due d join notifications n on n.id = d.id
      where ${conditions(sql, tenant, filter, recipientIds)}
        ${createdAfter ? sql`and n.created_at >= ${createdAfter}` : sql``}
        ${createdBefore ? sql`and n.created_at < ${createdBefore}` : sql``}
      order by d.next_attempt_at, d.id
      limit ${limit + 1}
    ), last_scanned as (
      select d.id, d.next_attempt_at from due d
      where (select count(*) from due) = ${scanLimit}
      order by d.next_attempt_at desc, d.id desc limit 1
    )
    select ${notificationColumns(sql)}, page.next_attempt_at::text as position, true as "isMatch"
    from page join notifications n on n.id = page.id left join templates t on t.id = n.template_id
    union all
    select ${notificationColumns(sql)}, last_scanned.next_attempt_at::text, false
    from last_scanned join notifications n on n.id = last_scanned.id left join templates t on t.id = n.template_id
    order by "nextAttemptAt", id`;
  const found = rows.filter(({ isMatch }) => isMatch);
  const end = found.length > limit ? found[limit - 1] : rows.find(({ isMatch }) => !isMatch);
  const next: Position | null = end ? { createdAt: end.position, id: end.id } : null;
  return { rows: found.slice(0, limit), next };
}
