import type {
  ApiKey,
  ApiKeyWithText,
  CreateApiKeyRequest,
  Operations,
  RotateApiKeyRequest,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

export type ListApiKeys = Omit<NonNullable<Operations['listApiKeys']['query']>, 'cursor'>;

/** Keys of your app, or of every app with the scope `installation`. Needs the scope `admin`. */
export class ApiKeys {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Store the returned `key`: it is not shown again. */
  create(body: CreateApiKeyRequest, options?: CallOptions): Promise<ApiKeyWithText> {
    return this.#api.call('createApiKey', { body }, options);
  }

  /** Newest first, including revoked and expired ones. */
  list(query: ListApiKeys = {}, options?: CallOptions): Pages<ApiKey> {
    return new Pages((cursor) => this.#api.call('listApiKeys', { query: { ...query, cursor } }, options));
  }

  /** Replaces a key with a new one; by default the old one works for another day. */
  rotate(id: string, body?: RotateApiKeyRequest, options?: CallOptions): Promise<ApiKeyWithText> {
    return this.#api.call('rotateApiKey', { path: { id }, body }, options);
  }

  /** Permanent; refused everywhere after 5 s at most. */
  async revoke(id: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteApiKey', { path: { id } }, options);
  }
}
