import type { Sql } from 'postgres';

export interface InboxEntry {
  notificationId: string;
  appId: string;
  environment: string;
  recipientId: string;
  title: string;
  body: string;
  url: string | null;
}

/**
 * Stores in-app messages. The key is the notification id: storing twice stores once. One whose recipient was just
 * erased is left out, so that its foreign key does not fail the others; so is one whose recipient is locked, so that
 * the others do not wait.
 *
 * @returns the notification ids of those that were left out because their recipient is locked. They may be stored
 *   later.
 */
export async function storeInboxMessages(sql: Sql, entries: readonly InboxEntry[]): Promise<Set<string>> {
  const stored = await sql<{ id: string }[]>`
    with entries as materialized (
      select * from json_to_recordset(${JSON.stringify(entries)}::text::json) as e (
        "notificationId" uuid, "appId" uuid, environment text, "recipientId" text, title text, body text, url text
      )
    ), free as materialized (
      select e."notificationId", r.app_id, r.environment, r.id, e.title, e.body, e.url
      from entries e
      join recipients r on r.app_id = e."appId" and r.environment = e.environment and r.id = e."recipientId"
      for key share of r skip locked
    ), stored as (
      insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, url)
      select * from free
      on conflict (notification_id) do nothing
    )
    select "notificationId" as id from free
  `;
  if (stored.length === entries.length) return new Set();
  const free = new Set(stored.map((row) => row.id));
  return lockedOf(
    sql,
    entries.filter(({ notificationId }) => !free.has(notificationId)),
  );
}

/** Of entries that were left out: those whose recipient is still there. */
async function lockedOf(sql: Sql, left: readonly InboxEntry[]): Promise<Set<string>> {
  const keys = left.map(({ notificationId, appId, environment, recipientId }) => ({
    notificationId,
    appId,
    environment,
    recipientId,
  }));
  const rows = await sql<{ id: string }[]>`
    select e."notificationId" as id
    from json_to_recordset(${JSON.stringify(keys)}::text::json) as e (
      "notificationId" uuid, "appId" uuid, environment text, "recipientId" text
    )
    join recipients r on r.app_id = e."appId" and r.environment = e.environment and r.id = e."recipientId"`;
  return new Set(rows.map((row) => row.id));
}

export interface InboxSlice {
  /** How many were removed. */
  count: number;
  /** Pages the table has. */
  pages: number;
}

/**
 * Removes in-app messages older than `before` that lie in a slice of the table's pages. Inboxes are indexed by person,
 * not by age, so the table is read in physical order, a slice at a time; old messages lie together.
 *
 * @param fromPage, toPage pages of the table, from 0; `toPage` is not part of the slice.
 */
export async function pruneInboxMessages(
  sql: Sql,
  before: Date,
  fromPage: number,
  toPage: number,
  limit: number,
): Promise<InboxSlice> {
  const [row] = await sql<InboxSlice[]>`
    with gone as (
      delete from inbox_messages where notification_id in (
        select notification_id from inbox_messages
        where ctid >= ${`(${fromPage},0)`}::tid and ctid < ${`(${toPage},0)`}::tid and created_at < ${before}
        limit ${limit}
        for update skip locked
      )
      returning 1
    )
    select (select count(*) from gone)::int as count,
      (pg_relation_size('inbox_messages') / current_setting('block_size')::int)::int as pages`;
  return row!;
}
