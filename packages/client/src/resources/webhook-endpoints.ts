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
import { Pages } from '../pages.ts';
import type { CallOptions, Transport } from '../transport.ts';

export type ListDeliveries = Omit<NonNullable<Operations['listEventDeliveries']['query']>, 'cursor'>;

/** Where your events go. What arrives there is checked with `webhooks.verify`. */
export class WebhookEndpoints {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Keep the secret that it returns: it is not shown again. */
  create(body: CreateWebhookEndpointRequest, options?: CallOptions): Promise<WebhookEndpointWithSecret> {
    return this.#api.call('createWebhookEndpoint', { body }, options);
  }

  get(id: string, options?: CallOptions): Promise<WebhookEndpoint> {
    return this.#api.call('getWebhookEndpoint', { path: { id } }, options);
  }

  list(options?: CallOptions): Pages<WebhookEndpoint> {
    return new Pages(() => this.#api.call('listWebhookEndpoints', {}, options));
  }

  /** Only what is named changes. */
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

  /** Sends the events of a range of time again, with the ids they had. */
  replay(id: string, body: ReplayRequest, options?: CallOptions): Promise<Replay> {
    return this.#api.call('replayWebhookEvents', { path: { id }, body }, options);
  }

  /** What it was sent, newest first. */
  deliveries(id: string, query: ListDeliveries = {}, options?: CallOptions): Pages<EventDelivery> {
    return new Pages((cursor) =>
      this.#api.call('listEventDeliveries', { path: { id }, query: { ...query, cursor } }, options),
    );
  }
}
