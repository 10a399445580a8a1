import type { InboxChange, InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import type { Sql, TransactionSql } from 'postgres';
import { inboxColumns, isListed, isOf, raisedHead, sequenceFloor } from './columns.ts';

/** Which messages are to be changed. */
export type InboxTarget =
  | { id: string }
  | {
      /** Everything in the list, or in this category of it. */
      category?: string | undefined;
      /** Leaves out what was stored, or came back from a snooze, after this number. */
      upTo?: number | undefined;
      /** Changes at most so many. */
      limit: number;
    };

/**
 * Changes in-app messages of a recipient, each under a number of its own. What is so already is not changed and gets no
 * number.
 *
 * Locks are taken in one order everywhere: the recipient, messages by id, the head. So two changes of one inbox, the
 * storing of messages and the erasure of the recipient never wait for each other in a circle.
 *
 * @returns the changed messages as they are now; null if there is no such recipient.
 */
export async function changeInboxMessages(
  tx: Sql | TransactionSql,
  owner: InboxOwner,
  change: InboxChange,
  target: InboxTarget,
): Promise<InboxMessage[] | null> {
  const { appId, environment, recipientId } = owner;
  const { set, unless } = termsOf(tx, change);
  const rows = await tx<(InboxMessage | { id: null })[]>`
    with owner as materialized (
      select r.app_id, r.environment, r.id from recipients r
      where r.app_id = ${appId} and r.environment = ${environment} and r.id = ${recipientId}
      for key share
    ), locked as materialized (
      select m.notification_id from inbox_messages m, owner
      where ${isOf(tx, owner)} and ${wantedBy(tx, target)} and not (${unless})
      order by m.notification_id
      ${'limit' in target ? tx`limit ${target.limit}` : tx``}
      for no key update of m
    ), wanted as materialized (
      select notification_id, row_number() over (order by notification_id) as nth, count(*) over () as n from locked
    ), head as (
      insert into inbox_heads as h (app_id, environment, recipient_id, last)
      select o.app_id, o.environment, o.id, ${sequenceFloor(tx)} + w.n from owner o, wanted w where w.nth = 1
      on conflict (app_id, environment, recipient_id) do update set last = ${raisedHead(tx)}
      returning h.last
    ), changed as (
      update inbox_messages m set ${set}, sequence = head.last - w.n + w.nth
      from wanted w, head
      where m.notification_id = w.notification_id
      returning ${inboxColumns(tx)}
    )
    select changed.* from owner left join changed on true`;
  if (rows.length === 0) return null;
  return rows.flatMap((row) => (row.id === null ? [] : [row]));
}

function wantedBy(tx: Sql | TransactionSql, target: InboxTarget) {
  if ('id' in target) return tx`m.notification_id = ${target.id}`;
  const { category, upTo } = target;
  return tx`${isListed(tx)}
    ${category === undefined ? tx`` : tx`and m.category = ${category}`}
    ${upTo === undefined ? tx`` : tx`and ${arrivedUpTo(tx, upTo)}`}`;
}

/** Stored, and back from its last snooze, by this number. */
const arrivedUpTo = (tx: Sql | TransactionSql, upTo: number) => tx`
  m.created_sequence <= ${upTo}::float8::bigint and (m.returned_at is null or m.sequence <= ${upTo}::float8::bigint)`;

/** What a change sets, and when there is nothing to change. */
function termsOf(tx: Sql | TransactionSql, change: InboxChange) {
  switch (change.to) {
    case 'seen':
      return { unless: tx`m.seen_at is not null`, set: tx`seen_at = now()` };
    case 'read':
      return {
        unless: tx`m.read_at is not null`,
        set: tx`read_at = now(), seen_at = coalesce(m.seen_at, now())`,
      };
    case 'unread':
      return { unless: tx`m.read_at is null`, set: tx`read_at = null` };
    case 'archive':
      return { unless: tx`m.archived_at is not null`, set: tx`archived_at = now(), snoozed_until = null` };
    case 'unarchive':
      return { unless: tx`m.archived_at is null`, set: tx`archived_at = null` };
    case 'snoozed': {
      const { until } = change;
      if (until === null) return { unless: tx`m.snoozed_until is null`, set: endOfSnooze(tx) };
      return {
        unless: tx`m.snoozed_until is not distinct from ${until}::timestamptz`,
        set: tx`snoozed_until = ${until}::timestamptz, archived_at = null`,
      };
    }
  }
}

/** A message that comes back is as new: unread, unseen, and at the top. */
const endOfSnooze = (tx: Sql | TransactionSql) =>
  tx`snoozed_until = null, returned_at = now(), read_at = null, seen_at = null`;

/**
 * Ends snoozes whose time has come, of many people at once. Messages, recipients and inboxes that others are changing
 * are left for the next time.
 *
 * @returns whose inboxes changed, once for each message.
 */
export async function endSnoozes(sql: Sql, limit: number): Promise<InboxOwner[]> {
  return sql<InboxOwner[]>`
    with due as materialized (
      select m.notification_id, m.app_id, m.environment, m.recipient_id from inbox_messages m
      join recipients r on r.app_id = m.app_id and r.environment = m.environment and r.id = m.recipient_id
      where m.snoozed_until <= now()
      order by m.notification_id
      limit ${limit}
      for key share of r skip locked
      for no key update of m skip locked
    ), wanted as materialized (
      select *, row_number() over person as nth, count(*) over (partition by app_id, environment, recipient_id) as n from due
      window person as (partition by app_id, environment, recipient_id order by notification_id)
    ), heads as (
      insert into inbox_heads as h (app_id, environment, recipient_id, last)
      select app_id, environment, recipient_id, ${sequenceFloor(sql)} + n from wanted where nth = 1
      order by app_id, environment, recipient_id
      on conflict (app_id, environment, recipient_id) do update set last = ${raisedHead(sql)}
      returning h.*
    )
    update inbox_messages m set ${endOfSnooze(sql)}, sequence = h.last - w.n + w.nth
    from wanted w
    join heads h on h.app_id = w.app_id and h.environment = w.environment and h.recipient_id = w.recipient_id
    where m.notification_id = w.notification_id
    returning m.app_id as "appId", m.environment, m.recipient_id as "recipientId"`;
}
