import type { App, CreateAppRequest, PatchAppRequest } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** The tenants of the installation. Needs a live key with the scope `installation`. */
export class Apps {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** `apiKeys.create` with its `app_id` creates its first key. */
  create(body: CreateAppRequest, options?: CallOptions): Promise<App> {
    return this.#api.call('createApp', { body }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<App> {
    return new Pages((cursor) => this.#api.call('listApps', { query: { ...query, cursor } }, options));
  }

  /** Only the given fields change. */
  patch(id: string, body: PatchAppRequest, options?: CallOptions): Promise<App> {
    return this.#api.call('patchApp', { path: { id }, body }, options);
  }
}
