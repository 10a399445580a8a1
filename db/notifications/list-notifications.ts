import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import { findNotifications, type NotificationPage } from './find-notifications.ts';
import { type NotificationRow, notificationColumns } from './get-notification.ts';
import type { NotificationFilter } from './notification-sources.ts';

export type ListedNotification = NotificationRow & { position: string };

/**
 * The tenant's notifications, newest first. A page may be short although there are more: see findNotifications.
 *
 * @param scanLimit for tests.
 */
export async function listNotifications(
  sql: Reader,
  tenant: Tenant,
  filter: NotificationFilter,
  limit: number,
  scanLimit?: number,
): Promise<NotificationPage<ListedNotification>> {
  return findNotifications(
    sql,
    tenant,
    filter,
    limit,
    (page) => sql<ListedNotification[]>`
      select ${notificationColumns(sql)}, n.created_at::text as position
      from ${page} page join notifications n on n.id = page.id left join templates t on t.id = n.template_id
      order by page.created_at desc, page.id desc`,
    scanLimit,
  );
}
