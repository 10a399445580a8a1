import type { BulkAction, BulkRequest } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { idempotencyKey } from '../idempotency-key.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** Retry, cancel or reschedule everything that matches a filter of the list of notifications. */
export class Bulk {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /**
   * Resolves once it is stored; workers carry it out. Without `idempotency_key` one is generated, so that a repeat after
   * a lost answer does not start it twice. `dry_run` only counts what matches.
   */
  start(request: BulkRequest, options?: CallOptions): Promise<BulkAction> {
    const body = { ...request, idempotency_key: request.idempotency_key ?? idempotencyKey.random() };
    return this.#api.call('startBulkAction', { body }, options);
  }

  /** How far it is. */
  get(id: string, options?: CallOptions): Promise<BulkAction> {
    return this.#api.call('getBulkAction', { path: { id } }, options);
  }

  /** Newest first. */
  list(query: { limit?: number } = {}, options?: CallOptions): Pages<BulkAction> {
    return new Pages((cursor) => this.#api.call('listBulkActions', { query: { ...query, cursor } }, options));
  }

  /** Once it resolves, nothing further is moved; what was moved stays so. */
  stop(id: string, options?: CallOptions): Promise<BulkAction> {
    return this.#api.call('stopBulkAction', { path: { id } }, options);
  }
}
