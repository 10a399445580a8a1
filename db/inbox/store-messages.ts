import type { InboxOwner } from '@carillon/core/inbox/message';
import type { Sql } from 'postgres';
import { raisedHead, sequenceFloor } from './columns.ts';

export interface InboxEntry {
  notificationId: string;
  appId: string;
  environment: InboxOwner['environment'];
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
 * The heads of the inboxes are locked in the order of their keys, so that two such statements never wait for each
 * other.
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
    ), fresh as materialized (
      select f.*, n.category, row_number() over (partition by f.app_id, f.environment, f.id order by f."notificationId") as nth
      from free f left join notifications n on n.id = f."notificationId"
      where not exists (select from inbox_messages m where m.notification_id = f."notificationId")
    ), wanted as materialized (
      select app_id, environment, id, count(*) as n from fresh group by app_id, environment, id
    ), heads as (
      insert into inbox_heads as h (app_id, environment, recipient_id, last)
      select app_id, environment, id, ${sequenceFloor(sql)} + n from wanted order by app_id, environment, id
      on conflict (app_id, environment, recipient_id) do update set last = ${raisedHead(sql)}
      returning h.*
    ), stored as (
      insert into inbox_messages (notification_id, app_id, environment, recipient_id, title, body, url, category, sequence,
        created_sequence)
      select f."notificationId", f.app_id, f.environment, f.id, f.title, f.body, f.url, f.category,
        h.last - w.n + f.nth, h.last - w.n + f.nth
      from fresh f
      join wanted w using (app_id, environment, id)
      join heads h on h.app_id = f.app_id and h.environment = f.environment and h.recipient_id = f.id
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

/** Of these inboxes, those that another transaction is changing at this moment. */
export async function findChangingInboxes(sql: Sql, owners: readonly InboxOwner[]): Promise<InboxOwner[]> {
  return sql<InboxOwner[]>`
    with asked as materialized (
      select distinct a."appId", a.environment, a."recipientId"
      from json_to_recordset(${JSON.stringify(owners)}::text::json) as a ("appId" uuid, environment text, "recipientId" text)
    ), free as materialized (
      select h.app_id, h.environment, h.recipient_id
      from inbox_heads h
      join asked a on a."appId" = h.app_id and a.environment = h.environment and a."recipientId" = h.recipient_id
      for no key update of h skip locked
    )
    select a.* from asked a
    join inbox_heads h on h.app_id = a."appId" and h.environment = a.environment and h.recipient_id = a."recipientId"
    where not exists (
      select from free f
      where f.app_id = h.app_id and f.environment = h.environment and f.recipient_id = h.recipient_id
    )`;
}
