import type { Message } from '@carillon/core/notification/message';

/**
 * A message that was kept, with its fields in the order in which channels compose them: jsonb has an order of its own,
 * and an adapter that sends the message as it is (the generic one) must write the same bytes again.
 */
export function inOrder<M extends Message>(kept: M): M {
  const fields = Object.entries(kept).sort(([a], [b]) => placeOf(a) - placeOf(b));
  return Object.fromEntries(fields) as unknown as M;
}

const ORDER: readonly string[] = [
  ...[
    'channel',
    'appId',
    'environment',
    'recipientId',
    'to',
    'subject',
    'text',
    'html',
    'title',
    'body',
    'url',
  ],
  ...['from', 'replyTo', 'headers'],
];

const placeOf = (field: string): number => (ORDER.includes(field) ? ORDER.indexOf(field) : ORDER.length);
