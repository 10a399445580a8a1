import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { PendingQuery, Row, Sql } from 'postgres';
import type { ListedNotification } from '../notifications/dashboard-list-notifications.ts';

export interface ListedDoubt extends Omit<ListedNotification, 'createdAtText' | 'createdAt' | 'state'> {
  /** When the call with the unknown outcome began. */
  since: Date;
  /** What decides if no evidence comes. */
  policy: DeliveryPolicy;
}

/**
 * Notifications in doubt, of all apps: those that wait for a person (nothing is due automatically) before those that
 * evidence or a policy may still settle, each the oldest first. A work list, so it has a head and no pages: settled
 * ones make room.
 */
export async function listDoubts(sql: Sql, limit: number): Promise<ListedDoubt[]> {
  return sql<ListedDoubt[]>`
    select n.id, a.name as "appName", n.environment, n.priority, n.channel, n.recipient_id as "recipientId", n.address,
      t.key as "templateKey", n.category, n.provider, n.attempt_count as "attemptCount",
      n.next_attempt_at as "nextAttemptAt", n.error_code as "errorCode",
      coalesce(d.started_at, n.updated_at) as since, coalesce(c.delivery_policy, 'resolve') as policy
    from (
      select * from notifications where rare_state = 'in_doubt'
      order by next_attempt_at is not null, created_at, id
      limit ${limit}
    ) n
    join apps a on a.id = n.app_id
    left join templates t on t.id = n.template_id
    left join delivery_attempts d on d.notification_id = n.id and d.n = n.attempt_count
    left join lateral (
      select delivery_policy from categories
      where app_id = n.app_id and environment = n.environment and name in (n.category, '*')
      order by name = '*' limit 1
    ) c on true
    order by n.next_attempt_at is not null, n.created_at, n.id`;
}

export interface DoubtsMeasure {
  waitsFor: 'evidence' | 'person';
  /** DOUBTS_MEASURED at most. */
  count: number;
  /** Seconds since the oldest doubtful call of those counted began; 0 if there is none. */
  oldestSeconds: number;
}

/** More are not looked at: the next of each kind is one index entry and one look-up. */
const DOUBTS_MEASURED = 10_000;

/** Notifications in doubt, by what they wait for: how many, and how old the oldest is. Reads the partial index only. */
export async function measureDoubts(sql: Sql): Promise<DoubtsMeasure[]> {
  const measure = (waitsFor: DoubtsMeasure['waitsFor'], which: PendingQuery<Row[]>) => sql`
    select ${waitsFor} as "waitsFor", count(*)::int as count,
      coalesce(extract(epoch from now() - min(coalesce(a.started_at, n.updated_at))), 0)::float8 as "oldestSeconds"
    from (
      select id, attempt_count, updated_at from notifications
      where rare_state = 'in_doubt' and ${which}
      limit ${DOUBTS_MEASURED}
    ) n
    left join delivery_attempts a on a.notification_id = n.id and a.n = n.attempt_count`;
  return sql<DoubtsMeasure[]>`
    ${measure('evidence', sql`next_attempt_at is not null`)} union all ${measure('person', sql`next_attempt_at is null`)}`;
}
