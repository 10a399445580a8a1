import type {
  Accepted,
  MarkSentRequest,
  MovedNotification,
  Notification,
  NotificationWithTimeline,
  Operations,
  RescheduleRequest,
  RetryRequest,
  SendRequest,
} from '../api-types.ts';
import { CarillonError } from '../carillon-error.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { Pages } from '../pages.ts';
import type { BatchReport } from '../send-batch.ts';
import { sendBatch } from '../send-batch.ts';
import type { CallOptions, Transport } from '../transport.ts';

export type ListNotifications = Omit<NonNullable<Operations['listNotifications']['query']>, 'cursor'>;

/** Send, look up, take back. */
export class Notifications {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * Resolves once the API has stored it for good. Without `idempotency_key` or `event_id` a key is made before the first
   * try, so that a repeat after a lost answer cannot double; a CarillonError names it.
   *
   * @returns `replayed`: an equal request had been accepted before (one of this very call's tries, too).
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

  /** Any number of notifications, in requests of at most 1000 and 5 MiB. Never throws for what the API answers: see BatchReport. */
  sendBatch(requests: readonly SendRequest[], options?: CallOptions): Promise<BatchReport> {
    return sendBatch(this.#api, requests.map(withKey), options);
  }

  /** With its attempts and its timeline. */
  get(id: string, options?: CallOptions): Promise<NotificationWithTimeline> {
    return this.#api.call('getNotification', { path: { id } }, options);
  }

  /** Newest first. */
  list(query: ListNotifications = {}, options?: CallOptions): Pages<Notification> {
    return new Pages((cursor) =>
      this.#api.call('listNotifications', { query: { ...query, cursor } }, options),
    );
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

  /** Settles a doubt: you know that the provider has it. */
  markSent(id: string, body?: MarkSentRequest, options?: CallOptions): Promise<MovedNotification> {
    return this.#api.call('markNotificationSent', { path: { id }, body }, options);
  }
}

/** `event_id` makes a key too, always the same one, on the server. */
function withKey(request: SendRequest): SendRequest {
  if (request.idempotency_key !== undefined || request.event_id !== undefined) return request;
  return { ...request, idempotency_key: idempotencyKey.random() };
}
