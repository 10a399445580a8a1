import type { Audience, AudienceWithUsers, PutAudienceRequest, PutAudienceResult } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Tagged, Transport } from '../transport.ts';

/** Who campaigns are for: saved filters over recipients, and lists of them. */
export class Audiences {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** With `recipient_ids`, `members` of the answer says which of them do not exist. */
  put(key: string, body: PutAudienceRequest, options?: CallOptions): Promise<Tagged<PutAudienceResult>> {
    return this.#api.tagged('putAudience', { path: { key }, body }, options);
  }

  /** With what uses it. */
  get(key: string, options?: CallOptions): Promise<Tagged<AudienceWithUsers>> {
    return this.#api.tagged('getAudience', { path: { key } }, options);
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<Audience> {
    return new Pages((cursor) => this.#api.call('listAudiences', { query: { ...query, cursor } }, options));
  }

  /** Refused while other audiences or campaigns use it. */
  async delete(key: string, options?: CallOptions): Promise<void> {
    await this.#api.call('deleteAudience', { path: { key } }, options);
  }
}
