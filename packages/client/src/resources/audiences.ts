import type {
  Audience,
  AudienceCount,
  AudienceWithUsers,
  Filter,
  MembersChange,
  Operations,
  PutAudienceRequest,
  PutAudienceResult,
  Recipient,
  RecipientAttributes,
} from '../api-types.ts';
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

  /** How many belong to it, and how they can be reached; with `exact: 'false'` an estimate, at once. */
  count(
    key: string,
    query: Operations['countAudience']['query'] = {},
    options?: CallOptions,
  ): Promise<AudienceCount> {
    return this.#api.call('countAudience', { path: { key }, query }, options);
  }

  /** The same for a filter that is not saved. */
  countFilter(
    filter: Filter,
    query: Operations['countFilter']['query'] = {},
    options?: CallOptions,
  ): Promise<AudienceCount> {
    return this.#api.call('countFilter', { query, body: { filter } }, options);
  }

  /** The recipients that belong to it now, by id. */
  members(key: string, query: { limit?: number } = {}, options?: CallOptions): Pages<Recipient> {
    return new Pages((cursor) =>
      this.#api.call('listMembers', { path: { key }, query: { ...query, cursor } }, options),
    );
  }

  /** Adds to a list: at most 10,000 a call. A repeat changes nothing. */
  addMembers(key: string, recipientIds: readonly string[], options?: CallOptions): Promise<MembersChange> {
    const body = { recipient_ids: recipientIds as string[] };
    return this.#api.call('addMembers', { path: { key }, body }, options);
  }

  /** Takes out of a list: at most 10,000 a call. A repeat changes nothing. */
  removeMembers(key: string, recipientIds: readonly string[], options?: CallOptions): Promise<MembersChange> {
    const body = { recipient_ids: recipientIds as string[] };
    return this.#api.call('removeMembers', { path: { key }, body }, options);
  }

  /** Which attributes recipients have: for those who write filters. */
  attributes(options?: CallOptions): Promise<RecipientAttributes> {
    return this.#api.call('listRecipientAttributes', {}, options);
  }
}
