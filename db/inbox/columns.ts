import type { InboxOwner } from '@carillon/core/inbox/message';
import type { Sql, TransactionSql } from 'postgres';

/** The columns of InboxMessage, of inbox_messages as `m`. */
export const inboxColumns = (sql: Sql | TransactionSql) => sql`
  m.notification_id as id, m.title, m.body, m.url, m.category, m.created_at as "createdAt", m.seen_at as "seenAt",
  m.read_at as "readAt", m.archived_at as "archivedAt", m.snoozed_until as "snoozedUntil",
  m.sequence::float8 as sequence`;

/** Of inbox_messages as `m`: it belongs to this person. */
export const isOf = (sql: Sql | TransactionSql, { appId, environment, recipientId }: InboxOwner) => sql`
  m.app_id = ${appId} and m.environment = ${environment} and m.recipient_id = ${recipientId}`;

/** Of inbox_messages as `m`: in the list, and in the counts while unread. */
export const isListed = (sql: Sql | TransactionSql) => sql`m.archived_at is null and m.snoozed_until is null`;

/** The least number that a change gets: the time in ms since 1970 (see inbox_heads). */
export const sequenceFloor = (sql: Sql | TransactionSql) => sql`(extract(epoch from now()) * 1000)::bigint`;

/**
 * The new number of a head `h` that gives out `n` numbers, where `excluded.last` is the floor plus n: for
 * `on conflict do update set last = ...`.
 */
export const raisedHead = (sql: Sql | TransactionSql) => sql`
  greatest(h.last + (excluded.last - ${sequenceFloor(sql)}), excluded.last)`;
