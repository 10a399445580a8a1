import type { Environment } from '../notification/environment.ts';

/** Whose inbox. */
export interface InboxOwner {
  appId: string;
  environment: Environment;
  recipientId: string;
}

/** An in-app message as its recipient has it. The id is the notification's. */
export interface InboxMessage {
  id: string;
  title: string;
  body: string;
  url: string | null;
  category: string | null;
  createdAt: Date;
  seenAt: Date | null;
  readAt: Date | null;
  archivedAt: Date | null;
  /** Hidden until then. */
  snoozedUntil: Date | null;
  /** The number of its most recent change: what a client compares to know which of two states is newer. */
  sequence: number;
}

/** Of all messages that are neither archived nor snoozed. */
export interface InboxCounts {
  unread: number;
  unseen: number;
}

/** What a person can do with one message, besides snoozing it. */
export const INBOX_ACTIONS = ['seen', 'read', 'unread', 'archive', 'unarchive'] as const;
export type InboxAction = (typeof INBOX_ACTIONS)[number];

/** A change of messages. `snooze` with null ends a snooze now. */
export type InboxChange = { to: InboxAction } | { to: 'snoozed'; until: Date | null };

/** What a list shows. Without one: everything that is neither archived nor snoozed. */
export const INBOX_STATUSES = ['unread', 'unseen', 'read', 'archived', 'snoozed'] as const;
export type InboxStatus = (typeof INBOX_STATUSES)[number];

/** A snooze is at most this long. */
export const MAX_SNOOZE_DAYS = 366;
