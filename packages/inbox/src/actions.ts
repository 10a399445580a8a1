import type { Message } from './message.ts';

/** What a person does with one message. */
export type Action =
  | { to: 'read' | 'unread' | 'archive' | 'unarchive' }
  /** Null ends the snooze now. */
  | { to: 'snooze'; until: string | null };

/** What a person does with all messages that are listed, or with those of one category. */
export type AllAction = 'read-all' | 'seen-all';

/** How the message will be once the API has done it: shown until its answer is there. */
export function foresee(message: Message, action: Action, now: string): Message {
  switch (action.to) {
    case 'read':
      return { ...message, read_at: message.read_at ?? now, seen_at: message.seen_at ?? now };
    case 'unread':
      return { ...message, read_at: null };
    case 'archive':
      return { ...message, archived_at: message.archived_at ?? now, snoozed_until: null };
    case 'unarchive':
      return { ...message, archived_at: null };
    case 'snooze':
      if (action.until !== null) return { ...message, snoozed_until: action.until, archived_at: null };
      return message.snoozed_until === null
        ? message
        : { ...message, snoozed_until: null, read_at: null, seen_at: null };
  }
}

/** The same for an action on all. */
export function foreseeAll(message: Message, action: AllAction, now: string): Message {
  if (!isListed(message)) return message;
  const seen = { ...message, seen_at: message.seen_at ?? now };
  return action === 'seen-all' ? seen : { ...seen, read_at: message.read_at ?? now };
}

/** In the list, and in the counts while unread. */
export const isListed = (message: Message): boolean =>
  message.archived_at === null && message.snoozed_until === null;

export const isUnread = (message: Message): boolean => isListed(message) && message.read_at === null;

export const isUnseen = (message: Message): boolean => isUnread(message) && message.seen_at === null;
