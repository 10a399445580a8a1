import type { Environment } from '@carillon/core/notification/environment';
import { FINAL_STATES } from '@carillon/core/notification/states';
import type { PendingQuery, Row, Sql, TransactionSql } from 'postgres';

/**
 * Removes final notifications of a window of creation time with all dependent rows: attempts, journal, attachments,
 * their place in an ordering queue. Counts of caps and a person's inbox have retention times of their own.
 * Notifications that are not final stay, however old; so do those changed since `unchangedSince` (sent late, a late
 * receipt).
 *
 * One short statement of at most `limit` notifications; locked rows are left for the next time.
 *
 * @returns how many were removed.
 */
export async function pruneNotifications(
  sql: Sql,
  { from, to }: { from: Date; to: Date },
  unchangedSince: Date,
  limit: number,
): Promise<number> {
  const [row] = await sql<{ count: number }[]>`
    with doomed as materialized (
      select id from notifications
      where created_at >= ${from} and created_at < ${to} and updated_at < ${unchangedSince}
        and state = any (${FINAL_STATES as string[]})
      limit ${limit}
      for update skip locked
    ), attempts as (
      delete from delivery_attempts where notification_id in (select id from doomed)
    ), history as (
      delete from notification_history where notification_id in (select id from doomed)
    ), files as (
      delete from attachments where notification_id in (select id from doomed)
    ), places as (
      delete from notification_order where notification_id in (select id from doomed)
    ), gone as (
      delete from notifications where id in (select id from doomed) returning 1
    )
    select count(*)::int as count from gone`;
  return row!.count;
}

/** An app and environment with a category that is secret. */
export interface SecretTenant {
  appId: string;
  environment: Environment;
}

export async function listSecretTenants(sql: Sql): Promise<SecretTenant[]> {
  return sql<SecretTenant[]>`
    select distinct app_id as "appId", environment from categories where secret order by app_id, environment`;
}

/**
 * Finds the notifications of secret categories that were accepted since `since` and still have their texts, the oldest
 * first; along notifications_by_app.
 */
export async function findSecretNotifications(
  sql: Sql,
  { appId, environment }: SecretTenant,
  since: Date,
  limit: number,
): Promise<{ id: string; createdAt: Date }[]> {
  return sql<{ id: string; createdAt: Date }[]>`
    select n.id, n.created_at as "createdAt" from notifications n
    where n.app_id = ${appId} and n.environment = ${environment} and n.created_at >= ${since}
      and n.redacted_at is null and ${isSecret(sql)}
    order by n.created_at
    limit ${limit}`;
}

/** @returns which of these ids were redacted: those that are final and of a secret category. */
export async function redactByIds(sql: Sql, ids: readonly string[]): Promise<string[]> {
  return redact(sql, sql`n.id = any (${ids as string[]}::uuid[])`, ids.length);
}

/**
 * @returns the ids that were redacted of those accepted within a window; as many as `limit` means that there are more.
 */
export async function redactWindow(
  sql: Sql,
  { from, to }: { from: Date; to: Date },
  limit: number,
): Promise<string[]> {
  return redact(sql, sql`n.created_at >= ${from} and n.created_at < ${to}`, limit);
}

/**
 * Removes the texts from final notifications of secret categories: content, data, the rendered message of a call,
 * attachments. Notifications in doubt or that may still be tried keep them. `updated_at` stays: retention counts from
 * the last real change. Locked rows are left for the next time.
 */
async function redact(sql: Sql, scope: PendingQuery<Row[]>, limit: number): Promise<string[]> {
  const rows = await sql<{ id: string }[]>`
    with due as materialized (
      select n.id from notifications n
      where ${scope} and n.redacted_at is null and n.state = any (${FINAL_STATES as string[]}) and ${isSecret(sql)}
      limit ${limit}
      for update of n skip locked
    ), calls as (
      update delivery_attempts set rendered = null
      where notification_id in (select id from due) and rendered is not null
    ), files as (
      delete from attachments where notification_id in (select id from due)
    )
    update notifications set
      content = case when content is not null then '{}'::jsonb end, data = null, redacted_at = now()
    where id in (select id from due)
    returning id`;
  return rows.map(({ id }) => id);
}

/** The setting of the category of `n`, else that of the app's `*`. */
const isSecret = (sql: Sql) => sql`
  coalesce(
    (select c.secret from categories c
      where c.app_id = n.app_id and c.environment = n.environment and c.name = n.category),
    (select c.secret from categories c
      where c.app_id = n.app_id and c.environment = n.environment and c.name = '*'),
    false)`;

/**
 * When the oldest notification that is still kept was created (of those created at `since` or later); null when there
 * is none. One descent of notifications_by_app per app: a plain min(created_at) has only a BRIN index to use, so it
 * would read the whole table.
 */
export async function oldestNotification(
  sql: Sql | TransactionSql,
  since: Date | null = null,
): Promise<Date | null> {
  const [row] = await sql<{ oldest: Date | null }[]>`
    with recursive tenants as (
      (select app_id from notifications order by app_id limit 1)
      union all
      select (select n.app_id from notifications n where n.app_id > t.app_id order by n.app_id limit 1)
      from tenants t
      where t.app_id is not null
    )
    select min(first.created_at) as oldest
    from tenants t
    cross join lateral (
      select n.created_at from notifications n
      where n.app_id = t.app_id and n.created_at >= coalesce(${since}::timestamptz, '-infinity')
      order by n.created_at
      limit 1
    ) first`;
  return row?.oldest ?? null;
}
