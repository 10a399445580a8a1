import type {
  CreateWebhookEndpointRequest,
  EventDelivery,
  Operations,
  PatchWebhookEndpointRequest,
  Replay,
  ReplayRequest,
  RotateWebhookSecretRequest,
  WebhookEndpoint,
  WebhookEndpointWithSecret,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

export type ListDeliveries = Omit<NonNullable<Operations['listEventDeliveries']['query']>, 'cursor'>;

/** The URLs that receive your events. Check received events with `webhooks.verify`. */
export class WebhookEndpoints {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Store the returned secret: it is not shown again. */
  create(body: CreateWebhookEndpointRequest, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.#api.call('createWebhookEndpoint', { body }, options);
  }

  get(id: string, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#api.call('getWebhookEndpoint', { path: { id } }, options);
  }

  list(options?: CallOptions): Pages<WebhookEndpoint> {
    return new Pages(() => this.#api.call('listWebhookEndpoints', {}, options));
  }

  /** Only the given fields change. */
  patch(id: string, body: PatchWebhookEndpointRequest, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#api.call('patchWebhookEndpoint', { path: { id }, body }, options);
  }

  async delete(id: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteWebhookEndpoint', { path: { id } }, options);
  }

  /** For a while events are signed with the old secret too: give `webhooks.verify` both. */
  rotateSecret(
    id: string,
    body?: RotateWebhookSecretRequest,
    options?: CallOptions,
  ): Promise<WebhookEndpointWithSecret> {
    return this.#api.call('rotateWebhookSecret', { path: { id }, body }, options);
  }

  /** Sends the events of a time range again, with their original ids. */
  replay(id: string, body: ReplayRequest, options?: CallOptions): Promise<Replay> {
    return this.#api.call('replayWebhookEvents', { path: { id }, body }, options);
  }

  /** Its deliveries, newest first. */
  deliveries(id: string, query: ListDeliveries = {}, options?: CallOptions): Pages<EventDelivery> {
    return new Pages((cursor) =>
      this.#api.call('listEventDeliveries', { path: { id }, query: { ...query, cursor } }, options),
    );
  }
}
