import type { NewSuppression, Operations, SuppressedAddress, Suppression } from '../api-types.ts';
import { Pages } from '../pages.ts';
import type { CallOptions, Transport } from '../transport.ts';

export type ListSuppressions = Omit<NonNullable<Operations['listSuppressions']['query']>, 'cursor'>;

/** Addresses that are never written to. */
export class Suppressions {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** One that is suppressed already keeps its first reason. */
  add(body: NewSuppression, options?: CallOptions): Promise<Suppression> {
    return this.#api.call('addSuppression', { body }, options);
  }

  /** With `channel` and `address`: whether that one is suppressed. */
  list(query: ListSuppressions = {}, options?: CallOptions): Pages<Suppression> {
    return new Pages((cursor) =>
      this.#api.call('listSuppressions', { query: { ...query, cursor } }, options),
    );
  }

  async remove(body: SuppressedAddress, options?: CallOptions): Promise<void> {
    await this.#api.call('removeSuppression', { body }, options);
  }
}
