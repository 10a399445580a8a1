import type { InboxCounts, InboxMessage, InboxOwner } from '@carillon/core/inbox/message';
import type { Sql } from 'postgres';
import { inboxColumns, isListed } from './columns.ts';

/** What streams of one inbox ask. */
export interface ChangesAsked extends InboxOwner {
  /** The number of the last event that was sent; null asks for the state alone. */
  after: number | null;
  /** Asks for the counts even if nothing changed. */
  counts: boolean;
}

/** One event of an inbox: a message that is new after the given number, or an older one that changed. */
export interface InboxEvent {
  /** Its number: of the storing of a new message, else of its most recent change. */
  number: number;
  isNew: boolean;
  /** In its present state. */
  message: InboxMessage;
}

/** The events after a number, in order, and the state of the inbox at that moment. */
export interface InboxChanges {
  /** When the recipient was added. */
  recipientSince: Date;
  /** The number of the last change. */
  last: number;
  /** Null where nothing changed and nobody asked for them. */
  counts: InboxCounts | null;
  events: InboxEvent[];
  /** There are further ones. */
  isMore: boolean;
}

type EventRow = {
  asked: number;
  recipientSince: Date;
  last: number;
  unread: number | null;
  unseen: number | null;
} & Omit<InboxEvent, 'message'> &
  (InboxMessage | { [Name in keyof InboxMessage]: null });

/**
 * What changed in many inboxes, in one statement: an inbox without a change costs one look-up by key. Changes become
 * visible in the order of their numbers, so nothing up to `last` can appear later.
 *
 * A message that was stored and changed after the number is two events: the first is sent once, however often the
 * client is cut off between the two.
 *
 * @param limit events of each inbox.
 * @returns by the place in `asked`; null if there is no such recipient.
 */
export async function readInboxChanges(
  sql: Sql,
  asked: readonly ChangesAsked[],
  limit: number,
): Promise<(InboxChanges | null)[]> {
  const keys = asked.map((each, index) => ({ ...each, asked: index }));
  const ofPerson = sql`m.app_id = r.app_id and m.environment = r.environment and m.recipient_id = r.id`;
  const rows = await sql<EventRow[]>`
    select a.asked, r.created_at as "recipientSince", coalesce(h.last, 0)::float8 as last, counted.unread, counted.unseen, page.*
    from json_to_recordset(${JSON.stringify(keys)}::text::json) as a (
      asked int, "appId" uuid, environment text, "recipientId" text, after float8, counts boolean
    )
    join recipients r on r.app_id = a."appId" and r.environment = a.environment and r.id = a."recipientId"
    left join inbox_heads h on h.app_id = r.app_id and h.environment = r.environment and h.recipient_id = r.id
    left join lateral (
      select count(*)::int as unread, (count(*) filter (where m.seen_at is null))::int as unseen
      from inbox_messages m where ${ofPerson} and ${isListed(sql)} and m.read_at is null
    ) counted on a.counts or a.after is distinct from coalesce(h.last, 0)
    left join lateral (
      select e.number::float8 as number, e."isNew", ${inboxColumns(sql)}
      from inbox_messages m
      cross join lateral (
        values (m.created_sequence, true), (nullif(m.sequence, m.created_sequence), false)
      ) as e (number, "isNew")
      where ${ofPerson} and m.sequence > a.after::bigint and e.number > a.after::bigint
      order by e.number
      limit ${limit + 1}
    ) page on h.last > a.after
    order by a.asked, page.number`;
  const found = new Map<number, InboxChanges>();
  for (const { asked: index, recipientSince, last, unread, unseen, number, isNew, ...message } of rows) {
    const inbox = found.get(index) ?? {
      recipientSince,
      last,
      counts: unread === null || unseen === null ? null : { unread, unseen },
      events: [],
      isMore: false,
    };
    found.set(index, inbox);
    if (message.id === null) continue;
    if (inbox.events.length < limit) inbox.events.push({ number, isNew, message });
    else inbox.isMore = true;
  }
  return asked.map((_, index) => found.get(index) ?? null);
}
