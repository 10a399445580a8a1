import type { InboxMarked, InboxMessage, InboxPage, Operations, SnoozeRequest } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { followInbox, type StreamOptions } from '../follow-inbox.ts';
import type { InboxEvent } from '../inbox-event.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

export type ListInbox = Omit<NonNullable<Operations['listInboxOf']['query']>, 'cursor'>;
export type MarkInbox = NonNullable<Operations['markInboxReadOf']['query']>;

/**
 * The inboxes of recipients, with an API key: what your server shows or changes for a person. Programs of the person
 * use a RecipientInbox. Texts are null without the scope `content:read`.
 */
export class Inbox {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Newest first. Its pages have the counts, and the `sequence` that a stream goes on from. */
  list(recipientId: string, query: ListInbox = {}, options?: CallOptions): Pages<InboxMessage, InboxPage> {
    const path = { recipient_id: recipientId };
    return new Pages((cursor) =>
      this.#api.call('listInboxOf', { path, query: { ...query, cursor } }, options),
    );
  }

  /**
   * What happens in the inbox, until you stop. It connects again by itself and misses nothing.
   *
   * ```ts
   * const { data, sequence } = await carillon.inbox.list('user_42').page();
   * for await (const event of carillon.inbox.stream('user_42', { after: sequence })) ...
   * ```
   */
  stream(recipientId: string, options?: StreamOptions): AsyncGenerator<InboxEvent, void, undefined> {
    const path = { recipient_id: recipientId };
    return followInbox(
      this.#api,
      (after, signal) => this.#api.open('streamInboxOf', { path, query: { after } }, signal),
      options,
    );
  }

  /** It was on the screen. */
  seen(recipientId: string, id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageSeenOf', { path: { recipient_id: recipientId, id } }, options);
  }

  read(recipientId: string, id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageReadOf', { path: { recipient_id: recipientId, id } }, options);
  }

  unread(recipientId: string, id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageUnreadOf', { path: { recipient_id: recipientId, id } }, options);
  }

  archive(recipientId: string, id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('archiveInboxMessageOf', { path: { recipient_id: recipientId, id } }, options);
  }

  unarchive(recipientId: string, id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('unarchiveInboxMessageOf', { path: { recipient_id: recipientId, id } }, options);
  }

  /** Hidden until `until`; then unread, unseen and at the top. Null ends it now. */
  snooze(recipientId: string, id: string, body: SnoozeRequest, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('snoozeInboxMessageOf', { path: { recipient_id: recipientId, id }, body }, options);
  }

  /** `up_to`: the `sequence` of what the person was shown, so that nothing newer is marked. */
  seenAll(recipientId: string, query: MarkInbox = {}, options?: CallOptions): Promise<InboxMarked> {
    return this.#api.call('markInboxSeenOf', { path: { recipient_id: recipientId }, query }, options);
  }

  readAll(recipientId: string, query: MarkInbox = {}, options?: CallOptions): Promise<InboxMarked> {
    return this.#api.call('markInboxReadOf', { path: { recipient_id: recipientId }, query }, options);
  }
}
