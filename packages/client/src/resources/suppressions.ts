import type {
  LiftSuppressionRequest,
  NewSuppression,
  Operations,
  SuppressedAddress,
  Suppression,
  SuppressionWithEvidence,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

export type ListSuppressions = Omit<
  NonNullable<Operations['listSuppressions']['query']>,
  'cursor' | 'format'
>;

/** Addresses to which nothing is sent. */
export class Suppressions {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** An already suppressed address keeps its first reason. */
  add(body: NewSuppression, options?: CallOptions): Promise<Suppression> {
    return this.#api.call('addSuppression', { body }, options);
  }

  /** With `channel` and `address`: whether that address is suppressed. */
  list(query: ListSuppressions = {}, options?: CallOptions): Pages<Suppression> {
    return new Pages((cursor) =>
      this.#api.call('listSuppressions', { query: { ...query, cursor } }, options),
    );
  }

  /** With the provider's own words, as far as retention has kept them. */
  find(
    channel: Suppression['channel'],
    addressHash: string,
    options?: CallOptions,
  ): Promise<SuppressionWithEvidence> {
    return this.#api.call('getSuppression', { path: { channel, address_hash: addressHash } }, options);
  }

  /** The same as `remove`, by the hash that lists show. */
  async lift(
    channel: Suppression['channel'],
    addressHash: string,
    body?: LiftSuppressionRequest,
    options?: CallOptions,
  ): Promise<void> {
    await this.#api.call('liftSuppression', { path: { channel, address_hash: addressHash }, body }, options);
  }

  async remove(body: SuppressedAddress, options?: CallOptions): Promise<void> {
    await this.#api.call('removeSuppression', { body }, options);
  }
}
