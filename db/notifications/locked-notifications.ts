import type { Sql } from 'postgres';

/**
 * Which of these notifications, or one of their attempts, are locked by another transaction now: what a claim or a
 * record would wait for. Holds no lock longer than the statement.
 *
 * @param ids of notifications; those that do not exist count as not locked.
 */
export async function lockedNotifications(sql: Sql, ids: readonly string[]): Promise<Set<string>> {
  const rows = await sql<{ id: string }[]>`
    with asked as materialized (
      select unnest(${ids as string[]}::uuid[]) as id
    ), free as materialized (
      select id from notifications where id = any (${ids as string[]}::uuid[]) for no key update skip locked
    ), free_attempts as materialized (
      select notification_id as id, n from delivery_attempts
      where notification_id = any (${ids as string[]}::uuid[]) for no key update skip locked
    )
    select id from asked
    where id in (select id from notifications where id = any (${ids as string[]}::uuid[]) except select id from free)
      or id in (
        select id from (
          select notification_id as id, n from delivery_attempts where notification_id = any (${ids as string[]}::uuid[])
          except select id, n from free_attempts
        ) as locked
      )`;
  return new Set(rows.map((row) => row.id));
}

/** For groups whose members are keyed by the id of their notification (db/connection/group-statements.ts). */
export const notificationLocks = (sql: Sql) => ({
  keyOf: ({ id }: { id: string }): string => id,
  lockedOf: (ids: readonly string[]): Promise<ReadonlySet<string>> => lockedNotifications(sql, ids),
});
