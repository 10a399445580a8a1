import type { Breaker, HoldBreakerRequest, ReleaseBreakerRequest } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/**
 * Circuit breakers of provider accounts, which stop traffic to accounts that fail. Installation-wide: needs a live key
 * with `providers:read` or `providers:hold`.
 */
export class Breakers {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  list(query: { limit?: number } = {}, options?: CallOptions): Pages<Breaker> {
    return new Pages((cursor) => this.#api.call('listBreakers', { query: { ...query, cursor } }, options));
  }

  /** Holds it open: nothing is sent through the account until it is released. */
  open(account: string, body: HoldBreakerRequest, options?: CallOptions): Promise<Breaker> {
    return this.#api.call('openBreaker', { path: { account }, body }, options);
  }

  /** Holds it closed: the account is used regardless of failures. */
  close(account: string, body: HoldBreakerRequest, options?: CallOptions): Promise<Breaker> {
    return this.#api.call('closeBreaker', { path: { account }, body }, options);
  }

  /** Returns it to automatic operation. */
  release(account: string, body?: ReleaseBreakerRequest, options?: CallOptions): Promise<Breaker> {
    return this.#api.call('releaseBreaker', { path: { account }, body }, options);
  }
}
