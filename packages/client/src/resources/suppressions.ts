import type { NewSuppression, Operations, SuppressedAddress, Suppression } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

export type ListSuppressions = Omit<NonNullable<Operations['listSuppressions']['query']>, 'cursor'>;

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

  async remove(body: SuppressedAddress, options?: CallOptions): Promise<void> {
    await this.#api.call('removeSuppression', { body }, options);
  }
}
