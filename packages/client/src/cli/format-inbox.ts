import type { InboxMessage } from '../api-types.ts';
import type { InboxEvent } from '../inbox-event.ts';
import { formatTime, oneLine } from './format.ts';

/** One line per message: when, id, state, category, title. */
export function formatInboxMessage(message: InboxMessage): string {
  const { id, created_at, category, title } = message;
  const text = title ?? '(texts need a key with content:read)';
  return oneLine(
    [formatTime(created_at), id, stateOf(message).padEnd(8), category, text].filter(Boolean).join('  '),
  );
}

/** One line per event. What comes is marked by `+`, what changes by `~`. */
export function formatInboxEvent(event: InboxEvent): string {
  switch (event.type) {
    case 'message':
      return `+ ${formatInboxMessage(event.message)}`;
    case 'changed':
      return `~ ${formatInboxMessage(event.message)}`;
    case 'counts':
      return `  ${event.unread_count} unread, ${event.unseen_count} unseen`;
    case 'reset':
      return '  reset: a backup was restored, what was printed before may not be there';
    case 'closed':
      return `  closed: ${event.reason}`;
  }
}

function stateOf({ archived_at, snoozed_until, read_at, seen_at }: InboxMessage): string {
  if (archived_at !== null) return 'archived';
  if (snoozed_until !== null) return 'snoozed';
  if (read_at !== null) return 'read';
  return seen_at === null ? 'new' : 'unread';
}
