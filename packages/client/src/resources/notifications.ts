import type {
  Accepted,
  Explanation,
  MarkSentRequest,
  MovedNotification,
  Notification,
  NotificationContent,
  NotificationWithTimeline,
  Operations,
  RescheduleRequest,
  RetryRequest,
  SandboxMessage,
  SearchResults,
  SendRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { CarillonError } from '../carillon-error.ts';
import { withKey } from '../idempotency-key.ts';
import { Pages } from '../pages.ts';
import type { BatchReport } from '../send-batch.ts';
import { sendBatch } from '../send-batch.ts';
import type { Transport } from '../transport.ts';

export type ListNotifications = Omit<NonNullable<Operations['listNotifications']['query']>, 'cursor'>;

export type ExportNotifications = NonNullable<Operations['exportNotifications']['query']>;
export type ListSandbox = Omit<NonNullable<Operations['listSandbox']['query']>, 'cursor'>;

/** Send, look up, cancel. */
export class Notifications {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * Resolves once the API has stored it durably. Without `idempotency_key` or `event_id` a key is generated before the
   * first try, so that a repeat after a lost answer cannot send twice; a CarillonError contains it.
   *
   * @returns `replayed`: an equal request had been accepted before (possibly an earlier try of this call).
   */
  async send(request: SendRequest, options?: CallOptions): Promise<Accepted & { replayed: boolean }> {
    const body = withKey(request);
    try {
      const { body: accepted, header } = await this.#api.exchange('sendNotification', { body }, options);
      return { ...accepted, replayed: header('idempotent-replayed') === 'true' };
    } catch (error) {
      if (error instanceof CarillonError) error.idempotencyKey = body.idempotency_key ?? null;
      throw error;
    }
  }

  /**
   * Any number of notifications, in requests of at most 1000 and 5 MiB. Never throws for an item or for an answer of
   * the API: see BatchReport.
   */
  sendBatch(requests: readonly SendRequest[], options?: CallOptions): Promise<BatchReport> {
    return sendBatch(this.#api, requests, options);
  }

  /** Explains what a send would do, and why: nothing is stored, counted or called. */
  explain(request: SendRequest, options?: CallOptions): Promise<Explanation> {
    return this.#api.call('explainNotification', { body: request }, options);
  }

  /** With its attempts and its timeline. */
  get(id: string, options?: CallOptions): Promise<NotificationWithTimeline> {
    return this.#api.call('getNotification', { path: { id } }, options);
  }

  /**
   * What was sent, per channel: subject, text, HTML, headers. Needs a key with the scope `content:read`; each reading is
   * audited. `unavailable` gives the reason if there is none (a secret category, an erased recipient).
   */
  content(id: string, options?: CallOptions): Promise<NotificationContent> {
    return this.#api.call('getNotificationContent', { path: { id } }, options);
  }

  /** Newest first. `address` in any spelling. A short or empty page is not necessarily the last one. */
  list(query: ListNotifications = {}, options?: CallOptions): Pages<Notification> {
    return new Pages((cursor) =>
      this.#api.call('listNotifications', { query: { ...query, cursor } }, options),
    );
  }

  /**
   * The list as the text of a CSV file, without contents. Where it holds fewer rows than match, its last row begins with
   * "#" and names the cursor to go on from.
   */
  exportCsv(query: ExportNotifications = {}, options?: CallOptions): Promise<string> {
    return this.#api.call('exportNotifications', { query }, options);
  }

  /** Whatever a text names: an id, an address in any spelling, a recipient, a provider's message id, a key. */
  search(q: string, options?: CallOptions): Promise<SearchResults> {
    return this.#api.call('search', { query: { q } }, options);
  }

  /** What test keys sent, as the simulator received it. Needs a test key with the scope `sandbox:read`. */
  sandbox(query: ListSandbox = {}, options?: CallOptions): Pages<SandboxMessage> {
    return new Pages((cursor) => this.#api.call('listSandbox', { query: { ...query, cursor } }, options));
  }

  /** Once it resolves, the notification is never sent. 409 `invalid_state` once sending began. */
  cancel(id: string, options?: CallOptions): Promise<MovedNotification> {
    return this.#api.call('cancelNotification', { path: { id } }, options);
  }

  reschedule(id: string, body: RescheduleRequest, options?: CallOptions): Promise<MovedNotification> {
    return this.#api.call('rescheduleNotification', { path: { id }, body }, options);
  }

  /** Sends a dead, failed or in-doubt one again. One in doubt needs `accept_duplicate_risk: true`. */
  retry(id: string, body?: RetryRequest, options?: CallOptions): Promise<MovedNotification> {
    return this.#api.call('retryNotification', { path: { id }, body }, options);
  }

  /** Settles a doubt: you confirm that the provider has it. */
  markSent(id: string, body?: MarkSentRequest, options?: CallOptions): Promise<MovedNotification> {
    return this.#api.call('markNotificationSent', { path: { id }, body }, options);
  }
}
