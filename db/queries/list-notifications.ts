import type { Channel } from '@carillon/core/channel';
import type { Priority } from '@carillon/core/priority';
import { RARE_STATES, type State } from '@carillon/core/states';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { type NotificationRow, notificationColumns } from './get-notification.ts';

export interface NotificationFilter {
  recipientId?: string | undefined;
  state?: State | undefined;
  channel?: Channel | undefined;
  priority?: Priority | undefined;
  category?: string | undefined;
  campaignId?: string | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** The last row of the page before. */
  before?: NotificationPosition | undefined;
}

/** Where a row stands in the order. `createdAt` is PostgreSQL's text: a JavaScript date would lose microseconds. */
export interface NotificationPosition {
  createdAt: string;
  id: string;
}

export type ListedNotification = NotificationRow & { position: string };

/**
 * The tenant's notifications, newest first, by keyset: a page costs the same wherever it lies, and rows that arrive in
 * between neither repeat nor hide others. Walks (app_id, created_at, id) backwards, or the recipient's index.
 */
export async function listNotifications(
  sql: Sql,
  tenant: Tenant,
  filter: NotificationFilter,
  limit: number,
): Promise<ListedNotification[]> {
  const { recipientId, state, channel, priority, category, campaignId, createdAfter, createdBefore, before } =
    filter;
  return sql<ListedNotification[]>`
    select ${notificationColumns(sql)}, n.created_at::text as position
    from notifications n left join templates t on t.id = n.template_id
    where n.app_id = ${tenant.appId} and n.environment = ${tenant.environment}
      ${recipientId === undefined ? sql`` : sql`and n.recipient_id = ${recipientId}`}
      ${state === undefined ? sql`` : sql`and n.state = ${state}`}
      ${state && RARE_STATES.includes(state) ? sql`and n.rare_state = ${state}` : sql``}
      ${channel === undefined ? sql`` : sql`and n.channel = ${channel}`}
      ${priority === undefined ? sql`` : sql`and n.priority = ${priority}`}
      ${category === undefined ? sql`` : sql`and n.category = ${category}`}
      ${campaignId === undefined ? sql`` : sql`and n.campaign_id = ${campaignId}::uuid`}
      ${createdAfter === undefined ? sql`` : sql`and n.created_at >= ${createdAfter}`}
      ${createdBefore === undefined ? sql`` : sql`and n.created_at < ${createdBefore}`}
      ${before === undefined ? sql`` : sql`and (n.created_at, n.id) < (${before.createdAt}::timestamptz, ${before.id}::uuid)`}
    order by n.created_at desc, n.id desc
    limit ${limit}`;
}
