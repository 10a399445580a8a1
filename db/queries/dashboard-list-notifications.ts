import type { Channel } from '@carillon/core/channel';
import type { Environment } from '@carillon/core/environment';
import type { Priority } from '@carillon/core/priority';
import { RARE_STATES, type State } from '@carillon/core/states';
import type { Sql } from 'postgres';
import type { DirectAddress } from '../schema/notifications.ts';

export interface ListFilter {
  state?: State | undefined;
  channel?: Channel | undefined;
  priority?: Priority | undefined;
  /** A recipient's id, or an address that one of their contact points has. */
  recipient?: string | undefined;
  /** The last row of the page before. `createdAt` is PostgreSQL's own text: a JavaScript date would lose microseconds. */
  before?: { createdAt: string; id: string } | undefined;
}

export interface ListedNotification {
  id: string;
  appName: string;
  environment: Environment;
  createdAt: Date;
  /** For the cursor. */
  createdAtText: string;
  state: State;
  priority: Priority;
  channel: Channel;
  recipientId: string | null;
  address: DirectAddress | null;
  templateKey: string | null;
  category: string | null;
  provider: string | null;
  attemptCount: number;
  nextAttemptAt: Date | null;
  errorCode: string | null;
}

/**
 * Notifications of all apps, newest first. Each app is walked along its own index (app_id, created_at desc, id desc)
 * and the heads are merged: without the lateral join a page would sort the whole table.
 */
export async function listNotifications(
  sql: Sql,
  filter: ListFilter,
  limit: number,
): Promise<ListedNotification[]> {
  const { state, channel, priority, recipient, before } = filter;
  return sql<ListedNotification[]>`
    select n.id, a.name as "appName", n.environment, n.created_at as "createdAt",
      n.created_at::text as "createdAtText", n.state, n.priority, n.channel, n.recipient_id as "recipientId",
      n.address, t.key as "templateKey", n.category, n.provider, n.attempt_count as "attemptCount",
      n.next_attempt_at as "nextAttemptAt", n.error_code as "errorCode"
    from apps a
    cross join lateral (
      select * from notifications n
      where n.app_id = a.id
        ${state ? sql`and n.state = ${state}` : sql``}
        ${state && RARE_STATES.includes(state) ? sql`and n.rare_state = ${state}` : sql``}
        ${channel ? sql`and n.channel = ${channel}` : sql``}
        ${priority ? sql`and n.priority = ${priority}` : sql``}
        ${
          recipient
            ? sql`and n.recipient_id = any (array(
                select ${recipient}::text
                union
                select recipient_id from contact_points where app_id = a.id and address = ${recipient}
              ))`
            : sql``
        }
        ${before ? sql`and (n.created_at, n.id) < (${before.createdAt}::timestamptz, ${before.id}::uuid)` : sql``}
      order by n.created_at desc, n.id desc
      limit ${limit}
    ) n
    left join templates t on t.id = n.template_id
    order by n.created_at desc, n.id desc
    limit ${limit}`;
}
