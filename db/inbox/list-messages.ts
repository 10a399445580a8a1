import type { InboxCounts, InboxMessage, InboxOwner, InboxStatus } from '@carillon/core/inbox/message';
import type { Sql } from 'postgres';
import { inboxColumns, isListed, isOf } from './columns.ts';

/** Where a page ended. */
export interface InboxPosition {
  /** PostgreSQL's text for the time that the list is ordered by. */
  at: string;
  id: string;
}

export interface InboxFilter {
  status?: InboxStatus | undefined;
  category?: string | undefined;
}

export interface InboxState extends InboxCounts {
  /** The number of the last change; 0 for an inbox that nothing ever happened in. */
  last: number;
}

export interface InboxPage extends InboxState {
  messages: InboxMessage[];
  /** Null on the last page. */
  next: InboxPosition | null;
}

type PageRow = InboxState & (InboxMessage | { [Name in keyof InboxMessage]: null }) & { position: string };

/**
 * A page of an inbox, newest first; a message whose snooze ended comes first again. Page, counts and number are of one
 * moment.
 *
 * @param before where the page before ended.
 * @returns null if there is no such recipient.
 */
export async function listInbox(
  sql: Sql,
  owner: InboxOwner,
  { status, category }: InboxFilter,
  before: InboxPosition | undefined,
  limit: number,
): Promise<InboxPage | null> {
  const wanted = {
    unread: sql`${isListed(sql)} and m.read_at is null`,
    unseen: sql`${isListed(sql)} and m.seen_at is null`,
    read: sql`${isListed(sql)} and m.read_at is not null`,
    archived: sql`m.archived_at is not null`,
    snoozed: sql`m.snoozed_until is not null`,
    all: isListed(sql),
  }[status ?? 'all'];
  const rows = await sql<PageRow[]>`
    select state.*, page.*
    from (${inboxState(sql, owner)}) state
    left join lateral (
      select ${inboxColumns(sql)}, coalesce(m.returned_at, m.created_at)::text as position
      from inbox_messages m
      where ${isOf(sql, owner)} and ${wanted}
        ${category === undefined ? sql`` : sql`and m.category = ${category}`}
        ${before === undefined ? sql`` : sql`and (coalesce(m.returned_at, m.created_at), m.notification_id) < (${before.at}::text::timestamptz, ${before.id}::uuid)`}
      order by coalesce(m.returned_at, m.created_at) desc, m.notification_id desc
      limit ${limit + 1}
    ) page on true`;
  const [first] = rows;
  if (!first) return null;
  const found = rows.flatMap((row) => (row.id === null ? [] : [row]));
  const end = found.length > limit ? found[limit - 1] : undefined;
  return {
    last: first.last,
    unread: first.unread,
    unseen: first.unseen,
    messages: found
      .slice(0, limit)
      .map(({ last: _, unread: __, unseen: ___, position: ____, ...message }) => message),
    next: end === undefined ? null : { at: end.position, id: end.id },
  };
}

/** Counts and number of an inbox, of one moment; null if there is no such recipient. */
export async function readInboxState(sql: Sql, owner: InboxOwner): Promise<InboxState | null> {
  const [row] = await sql<InboxState[]>`${inboxState(sql, owner)}`;
  return row ?? null;
}

/** One message of this person; null if it is not theirs, or not there. */
export async function findInboxMessage(
  sql: Sql,
  owner: InboxOwner,
  id: string,
): Promise<InboxMessage | null> {
  const [row] = await sql<InboxMessage[]>`
    select ${inboxColumns(sql)} from inbox_messages m where m.notification_id = ${id} and ${isOf(sql, owner)}`;
  return row ?? null;
}

function inboxState(sql: Sql, owner: InboxOwner) {
  const { appId, environment, recipientId } = owner;
  return sql`
    select coalesce(h.last, 0)::float8 as last, counted.unread, counted.unseen
    from recipients r
    left join inbox_heads h on h.app_id = r.app_id and h.environment = r.environment and h.recipient_id = r.id
    cross join lateral (
      select count(*)::int as unread, (count(*) filter (where m.seen_at is null))::int as unseen
      from inbox_messages m
      where ${isOf(sql, owner)} and ${isListed(sql)} and m.read_at is null
    ) counted
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = ${recipientId}`;
}
