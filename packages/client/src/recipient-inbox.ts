import type {
  InboxMarked,
  InboxMessage,
  InboxPage,
  MyPreferences,
  Operations,
  PutPreferencesRequest,
  SnoozeRequest,
} from './api-types.ts';
import { checkedUrl } from './base-url.ts';
import { assertCallOptions, type CallOptions } from './call-options.ts';
import type { CarillonOptions } from './carillon.ts';
import { followInbox, type StreamOptions } from './follow-inbox.ts';
import type { InboxEvent } from './inbox-event.ts';
import { Pages } from './pages.ts';
import type { ListInbox, MarkInbox } from './resources/inbox.ts';
import { assertToken, renewedTokens } from './token-source.ts';
import { createTransport, type Transport } from './transport.ts';
import { wait } from './wait.ts';

export interface RecipientInboxOptions extends Omit<CarillonOptions, 'apiKey'> {
  /** `crt_...`, from `recipients.issueToken` on your server. When it ends, calls fail with `unauthenticated`. */
  token?: string;
  /** Instead: asks your server for a token; called for the first call, and whenever the API refuses the last one. */
  getToken?: () => string | Promise<string>;
}

/**
 * The inbox and the preferences of one person, with a recipient token: for programs of that person (apps, web pages).
 * The same calls as `carillon.inbox`, without the id of the recipient, whom the token names.
 */
export class RecipientInbox {
  readonly #api: Transport;

  /** @throws TypeError for options that cannot work. */
  constructor({ token, getToken, baseUrl, fetch, timeoutMs = 30_000, retries = 3 }: RecipientInboxOptions) {
    if ((token === undefined) === (getToken === undefined))
      throw new TypeError('pass either token or getToken');
    if (getToken === undefined) assertToken(token, 'token is');
    assertCallOptions({ timeoutMs, retries });
    this.#api = createTransport({
      credential: getToken ? renewedTokens(getToken) : (token as string),
      baseUrl: checkedUrl(baseUrl),
      fetch: fetch ?? ((url, init) => globalThis.fetch(url, init)),
      withUserAgent: false,
      timeoutMs,
      retries,
      wait,
      random: Math.random,
    });
  }

  list(query: ListInbox = {}, options?: CallOptions): Pages<InboxMessage, InboxPage> {
    return new Pages((cursor) => this.#api.call('listInbox', { query: { ...query, cursor } }, options));
  }

  stream(options?: StreamOptions): AsyncGenerator<InboxEvent, void, undefined> {
    return followInbox(
      this.#api,
      (after, signal) => this.#api.open('streamInbox', { query: { after } }, signal),
      options,
    );
  }

  seen(id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageSeen', { path: { id } }, options);
  }

  read(id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageRead', { path: { id } }, options);
  }

  unread(id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('markInboxMessageUnread', { path: { id } }, options);
  }

  archive(id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('archiveInboxMessage', { path: { id } }, options);
  }

  unarchive(id: string, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('unarchiveInboxMessage', { path: { id } }, options);
  }

  snooze(id: string, body: SnoozeRequest, options?: CallOptions): Promise<InboxMessage> {
    return this.#api.call('snoozeInboxMessage', { path: { id }, body }, options);
  }

  seenAll(query: MarkInbox = {}, options?: CallOptions): Promise<InboxMarked> {
    return this.#api.call('markInboxSeen', { query }, options);
  }

  readAll(query: MarkInbox = {}, options?: CallOptions): Promise<InboxMarked> {
    return this.#api.call('markInboxRead', { query }, options);
  }

  /** With the categories as the person sees them: title, description, wanted, locked. Needs the scope `preferences`. */
  getPreferences(
    query: NonNullable<Operations['getMyPreferences']['query']> = {},
    options?: CallOptions,
  ): Promise<MyPreferences> {
    return this.#api.call('getMyPreferences', { query }, options);
  }

  /** An omitted field stays unchanged; a value replaces it completely. */
  putPreferences(body: PutPreferencesRequest, options?: CallOptions): Promise<MyPreferences> {
    return this.#api.call('putMyPreferences', { body }, options);
  }
}
