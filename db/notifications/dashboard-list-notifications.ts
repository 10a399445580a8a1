import type { Channel } from '@carillon/core/notification/channel';
import type { DirectAddress } from '@carillon/core/notification/compose';
import type { Environment } from '@carillon/core/notification/environment';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import { findNotifications, type NotificationPage } from './find-notifications.ts';
import type { NotificationFilter } from './notification-sources.ts';

export interface ListedNotification {
  id: string;
  appName: string;
  environment: Environment;
  createdAt: Date;
  /** For the cursor: `created_at` as PostgreSQL writes it. */
  position: string;
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

/** Notifications of all apps, newest first. A page may be short although there are more: see findNotifications. */
export async function listNotifications(
  sql: Sql,
  filter: NotificationFilter,
  limit: number,
): Promise<NotificationPage<ListedNotification>> {
  return findNotifications(
    sql,
    null,
    filter,
    limit,
    (page) => sql<ListedNotification[]>`
      select n.id, a.name as "appName", n.environment, n.created_at as "createdAt",
        n.created_at::text as position, n.state, n.priority, n.channel, n.recipient_id as "recipientId",
        n.address, t.key as "templateKey", n.category, n.provider, n.attempt_count as "attemptCount",
        n.next_attempt_at as "nextAttemptAt", n.error_code as "errorCode"
      from ${page} page
      join notifications n on n.id = page.id
      join apps a on a.id = n.app_id
      left join templates t on t.id = n.template_id
      order by page.created_at desc, page.id desc`,
  );
}

/** Counting stops here: a million scheduled messages must not make every page of the dashboard slow. */
export const COUNT_LIMIT = 10_000;

export type RareCounts = Record<'dead' | 'in_doubt' | 'retrying' | 'scheduled', number>;

/**
 * How many notifications need attention or wait, by state; COUNT_LIMIT + 1 means "more". Reads the partial index only.
 */
export async function countRare(sql: Sql): Promise<RareCounts> {
  const rows = await sql<{ state: State; count: number }[]>`
    select s.state, c.count
    from unnest(array['dead', 'in_doubt', 'retrying', 'scheduled']) as s (state)
    cross join lateral (
      select count(*)::int as count
      from (select from notifications where rare_state = s.state limit ${COUNT_LIMIT + 1}) as counted
    ) as c`;
  const counts: RareCounts = { dead: 0, in_doubt: 0, retrying: 0, scheduled: 0 };
  for (const { state, count } of rows) counts[state as keyof RareCounts] = count;
  return counts;
}
