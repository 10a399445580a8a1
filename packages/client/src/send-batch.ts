import type { BatchResult, SendRequest } from './api-types.ts';
import { CarillonError } from './carillon-error.ts';
import { nextWaitMs } from './retry-rule.ts';
import type { CallOptions, Transport } from './transport.ts';

/**
 * What became of one item.
 *
 * - `accepted`: stored. `replayed`: an equal request had been stored before.
 * - `refused`: this item is wrong; `error` says what. Sent again as it is, it would be refused again.
 * - `unknown`: no good answer came, however often it was tried; it may be stored.
 * - `unsent`: it did not get as far as the API, or was not tried at all because nothing got through before it.
 */
export type BatchItem = {
  /** Its place in what you gave. */
  index: number;
  /** Null only with `event_id` and no answer: then the server makes the key. */
  idempotencyKey: string | null;
} & (
  | { outcome: 'accepted' | 'replayed'; id: string; state: 'pending' | 'scheduled'; createdAt: string }
  | { outcome: 'refused' | 'unknown' | 'unsent'; error: CarillonError }
);

export interface BatchReport {
  /** One per item, in your order. */
  items: BatchItem[];
  counts: Record<BatchItem['outcome'], number>;
  /** The items that are `unknown` or `unsent`, with their keys: give them to `sendBatch` later, and nothing doubles. */
  again: SendRequest[];
}

/** The API's bounds for one request. */
export const MAX_ITEMS = 1_000;
export const MAX_BYTES = 5 * 1024 * 1024;
const ENVELOPE_BYTES = '{"notifications":[]}'.length;

interface Entry {
  index: number;
  request: SendRequest;
}

/** @param requests each with an idempotency key or an `event_id`. */
export async function sendBatch(
  api: Transport,
  requests: readonly SendRequest[],
  options: CallOptions = {},
): Promise<BatchReport> {
  const items: BatchItem[] = [];
  const settle = ({ index, request }: Entry, end: Ending): void => {
    items[index] = { index, idempotencyKey: request.idempotency_key ?? null, ...end };
  };
  let stopped: CarillonError | null = null;
  for (const chunk of chunksOf(requests)) {
    if (stopped) for (const entry of chunk) settle(entry, { outcome: 'unsent', error: stopped });
    else stopped = await sendChunk(api, chunk, options, settle);
  }
  return reportOf(items, requests);
}

type Ending =
  | { outcome: 'refused' | 'unknown' | 'unsent'; error: CarillonError }
  | {
      outcome: 'accepted' | 'replayed';
      idempotencyKey: string;
      id: string;
      state: 'pending' | 'scheduled';
      createdAt: string;
    };

/**
 * Sends a chunk until each of its items has an end. A chunk that failed as a whole is repeated by the transport with the
 * same keys; single items that the server could not store just now are sent again here.
 *
 * @returns why the following chunks need not be tried, or null.
 */
async function sendChunk(
  api: Transport,
  chunk: Entry[],
  options: CallOptions,
  settle: (entry: Entry, end: Ending) => void,
): Promise<CarillonError | null> {
  let open = chunk;
  for (let tries = 1; ; tries++) {
    try {
      const results = await resultsOf(api, open, options);
      const passing: [Entry, CarillonError][] = [];
      for (const [at, result] of results.entries()) {
        const end = endingOf(result);
        if ('error' in end && end.outcome !== 'refused') passing.push([open[at]!, end.error]);
        else settle(open[at]!, end);
      }
      if (passing.length === 0) return null;
      const [, error] = passing[0]!;
      const retries = options.retries ?? api.retries;
      const waitMs = nextWaitMs('sendNotificationBatch', error, tries, retries, api.random());
      if (waitMs === null) {
        for (const [entry, error] of passing) settle(entry, { outcome: outcomeOf(error), error });
        return null;
      }
      open = passing.map(([entry]) => entry);
      await api.wait(waitMs, options.signal);
    } catch (thrown) {
      const error = toError(thrown);
      const outcome = outcomeOf(error);
      for (const entry of open) settle(entry, { outcome, error });
      // A wrong key or right is wrong for all of them; an item that is too large is not.
      const concernsAll = outcome !== 'refused' || error.status === 401 || error.status === 403;
      return concernsAll ? error : null;
    }
  }
}

async function resultsOf(
  api: Transport,
  open: readonly Entry[],
  options: CallOptions,
): Promise<BatchResult[]> {
  const notifications = open.map(({ request }) => request);
  const answer = await api.call('sendNotificationBatch', { body: { notifications } }, options);
  if (Array.isArray(answer?.results) && answer.results.length === open.length) return answer.results;
  throw new CarillonError('unexpected_answer', `The server did not answer with ${open.length} results.`);
}

function endingOf(result: BatchResult): Ending {
  if ('error' in result) {
    const error = CarillonError.fromProblem(result.error);
    return { outcome: outcomeOf(error), error };
  }
  const { id, state, idempotency_key, created_at, replayed } = result;
  return {
    outcome: replayed ? 'replayed' : 'accepted',
    idempotencyKey: idempotency_key,
    id,
    state,
    createdAt: created_at,
  };
}

function outcomeOf({ status, code }: CarillonError): 'refused' | 'unknown' | 'unsent' {
  if (status === null || status < 300 || status >= 500 || status === 408) return 'unknown';
  // Let in by nobody: a rate limit, or something before the API said no.
  return status === 429 || code === 'unexpected_answer' ? 'unsent' : 'refused';
}

/** What is no CarillonError is the caller's abort: what was under way may have been stored. */
function toError(thrown: unknown): CarillonError {
  if (thrown instanceof CarillonError) return thrown;
  return new CarillonError('aborted', `The batch was ended before its answer came: ${String(thrown)}`, {
    cause: thrown,
  });
}

function* chunksOf(requests: readonly SendRequest[]): Generator<Entry[]> {
  const encoder = new TextEncoder();
  let chunk: Entry[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const [index, request] of requests.entries()) {
    const size = encoder.encode(JSON.stringify(request)).length + 1;
    if (chunk.length > 0 && (chunk.length === MAX_ITEMS || bytes + size > MAX_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = ENVELOPE_BYTES;
    }
    chunk.push({ index, request });
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function reportOf(items: BatchItem[], requests: readonly SendRequest[]): BatchReport {
  const counts = { accepted: 0, replayed: 0, refused: 0, unknown: 0, unsent: 0 };
  for (const { outcome } of items) counts[outcome]++;
  const again = items
    .filter(({ outcome }) => outcome === 'unknown' || outcome === 'unsent')
    .map(({ index }) => requests[index]!);
  return { items, counts, again };
}
