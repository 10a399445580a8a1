import type {
  LoggedRequest,
  Operations,
  Overview as OverviewFigures,
  OverviewHistory,
} from '../api-types.ts';
import type { CallOptions } from '../call-options.ts';
import { Pages } from '../pages.ts';
import type { Transport } from '../transport.ts';

/** What the whole installation does, and did in the last hours. Needs the scope `overview:read`. */
export class Overview {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** At this moment; every part says when it was measured. */
  get(options?: CallOptions): Promise<OverviewFigures> {
    return this.#api.call('getOverview', {}, options);
  }

  /** Series for charts, of the last 24 hours unless `hours` says otherwise. */
  history(
    query: NonNullable<Operations['getOverviewHistory']['query']> = {},
    options?: CallOptions,
  ): Promise<OverviewHistory> {
    return this.#api.call('getOverviewHistory', { query }, options);
  }
}

export type ListRequests = Omit<NonNullable<Operations['listRequests']['query']>, 'cursor'>;

/** The requests of the last day by key, and what they were answered. Needs the scope `requests:read`. */
export class Requests {
  readonly #api: Transport;

  constructor(api: Transport) {
    this.#api = api;
  }

  /** Newest first. */
  list(query: ListRequests = {}, options?: CallOptions): Pages<LoggedRequest> {
    return new Pages((cursor) => this.#api.call('listRequests', { query: { ...query, cursor } }, options));
  }
}
