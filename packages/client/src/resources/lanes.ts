import type { LanePage } from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import type { Transport } from '../transport.ts';

/** The queues of the installation: a channel at a priority each. Read-only. */
export class Lanes {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** All of them; `redis` says whether it answered. */
  list(options?: CallOptions): Promise<LanePage> {
    return this.#api.call('listLanes', {}, options);
  }
}
