import type { InboxCounts, InboxMessage } from '@carillon/core/inbox/message';
import { z } from '@hono/zod-openapi';

const time = () => z.iso.datetime().nullable();

export const messageSchema = z
  .object({
    id: z.uuid().describe("The notification's id."),
    title: z.string().nullable().describe('Null for a key without `content:read`; so are `body` and `url`.'),
    body: z.string().nullable(),
    url: z.string().nullable(),
    category: z.string().nullable(),
    created_at: z.iso.datetime(),
    seen_at: time(),
    read_at: time(),
    archived_at: time(),
    snoozed_until: time().describe('Hidden until then; then it is unread, unseen and at the top.'),
    sequence: z
      .int()
      .describe('The number of its most recent change: of two states of a message the higher one is newer.'),
  })
  .openapi('InboxMessage');

export const countsShape = {
  unread_count: z.int().describe('Of all messages that are neither archived nor snoozed.'),
  unseen_count: z.int(),
};

export const sequenceField = z
  .int()
  .describe('The number of the last change of this inbox: a stream with `after` this number misses nothing.');

const iso = (at: Date | null): string | null => at?.toISOString() ?? null;

/** @param withContent whether the caller may read what people were sent. */
export function viewMessage(message: InboxMessage, withContent = true): z.input<typeof messageSchema> {
  const { id, title, body, url, category, createdAt, seenAt, readAt, archivedAt, snoozedUntil, sequence } =
    message;
  return {
    id,
    title: withContent ? title : null,
    body: withContent ? body : null,
    url: withContent ? url : null,
    category,
    created_at: createdAt.toISOString(),
    seen_at: iso(seenAt),
    read_at: iso(readAt),
    archived_at: iso(archivedAt),
    snoozed_until: iso(snoozedUntil),
    sequence,
  };
}

export function viewCounts({ unread, unseen }: InboxCounts) {
  return { unread_count: unread, unseen_count: unseen };
}
