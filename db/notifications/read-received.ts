import type { Channel } from '@carillon/core/notification/channel';
import type { State } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { findNotifications, type NotificationPage } from './find-notifications.ts';
import type { NotificationFilter } from './notification-sources.ts';

/** A notification for which a provider was called. */
export interface ReceivedRow {
  id: string;
  state: State;
  recipientId: string | null;
  template: string | null;
  createdAt: Date;
  position: string;
}

/** When a call was made, and the provider's answer. */
export interface CallRow {
  notificationId: string;
  n: number;
  channel: Channel;
  startedAt: Date;
  finishedAt: Date | null;
  errorCode: string | null;
  error: string | null;
}

/** Newest first; as findNotifications, a page may be short although there are more. */
export async function listReceived(
  sql: Sql,
  tenant: Tenant,
  filter: NotificationFilter,
  limit: number,
): Promise<NotificationPage<ReceivedRow>> {
  return findNotifications(
    sql,
    tenant,
    { ...filter, attempted: true },
    limit,
    (page) => sql<ReceivedRow[]>`
      select n.id, n.state, n.recipient_id as "recipientId", t.key as template, n.created_at as "createdAt",
        n.created_at::text as position
      from ${page} page join notifications n on n.id = page.id left join templates t on t.id = n.template_id
      order by page.created_at desc, page.id desc`,
  );
}

export async function callsOf(sql: Sql, ids: readonly string[]): Promise<CallRow[]> {
  return sql<CallRow[]>`
    select notification_id as "notificationId", n, channel, started_at as "startedAt", finished_at as "finishedAt",
      error_code as "errorCode", error
    from delivery_attempts where notification_id = any (${ids as string[]}::uuid[])`;
}

/** The e-mail address and phone number of each recipient now: the newest that is not disabled. */
export async function addressesNow(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientIds: readonly string[],
): Promise<{ recipientId: string; kind: 'email' | 'phone'; address: string }[]> {
  return sql<{ recipientId: string; kind: 'email' | 'phone'; address: string }[]>`
    select distinct on (recipient_id, kind) recipient_id as "recipientId", kind, address
    from contact_points
    where app_id = ${appId} and environment = ${environment} and recipient_id = any (${recipientIds as string[]}::text[])
      and kind in ('email', 'phone') and disabled_at is null
    order by recipient_id, kind, created_at desc`;
}
