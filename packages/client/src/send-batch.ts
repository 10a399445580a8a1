import type { BatchResult, SendRequest } from './api-types.ts';
import { assertCallOptions, type CallOptions } from './call-options.ts';
import { CarillonError } from './carillon-error.ts';
import { withKey } from './idempotency-key.ts';
import { nextWaitMs } from './retry-rule.ts';
import type { Transport } from './transport.ts';
import { WrittenJson, writeJson } from './written-json.ts';

/**
 * The outcome of one item.
 *
 * - `accepted`: stored. `replayed`: an equal request had been stored before.
 * - `refused`: this item is invalid; `error` says why (with `status` null: it cannot be serialized as JSON, so it was
 *   not sent). Sent again unchanged, it would be refused again.
 * - `unknown`: no valid answer arrived after all tries; it may be stored.
 * - `unsent`: it did not reach the API, or was not tried because earlier requests failed.
 */
export type BatchItem = {
  /** Its index in your input. */
  index: number;
  /**
   * Null only with `event_id` and no answer (then the server derives the key), and where the input is not a request.
   */
  idempotencyKey: string | null;
} & (
  | { outcome: 'accepted' | 'replayed'; id: string; state: 'pending' | 'scheduled'; createdAt: string }
  | { outcome: 'refused' | 'unknown' | 'unsent'; error: CarillonError }
);

export interface BatchReport {
  /** One per item, in your order. */
  items: BatchItem[];
  counts: Record<BatchItem['outcome'], number>;
  /**
   * The items that are `unknown` or `unsent`, with their keys: pass them to `sendBatch` later, and nothing is sent
   * twice.
   */
  again: SendRequest[];
}

/** The API's bounds for one request. */
export const MAX_ITEMS = 1_000;
export const MAX_BYTES = 5 * 1024 * 1024;
const ENVELOPE_BYTES = '{"notifications":[]}'.length;

interface Entry {
  index: number;
  /** The serialized item, with its key. */
  request: SendRequest;
  text: string;
}

/**
 * Every item is serialized, and has its key, before the first request: one that cannot be serialized is refused alone,
 * and the report always contains the keys of all others.
 *
 * @param requests those without an idempotency key and without an `event_id` get a key.
 * @throws TypeError for options that cannot work, before anything is sent.
 */
export async function sendBatch(
  api: Transport,
  requests: readonly SendRequest[],
  options: CallOptions = {},
): Promise<BatchReport> {
  assertCallOptions(options);
  const items: BatchItem[] = [];
  const settle = ({ index, request }: Entry, end: Ending): void => {
    items[index] = { index, idempotencyKey: request.idempotency_key ?? null, ...end };
  };
  const entries = Array.from(requests).flatMap((request, index) => {
    const entry = written(request, index);
    if (entry instanceof CarillonError) items[index] = refused(entry, request, index);
    return entry instanceof CarillonError ? [] : [entry];
  });
  let stopped: CarillonError | null = null;
  for (const chunk of chunksOf(entries)) {
    if (stopped) for (const entry of chunk) settle(entry, { outcome: 'unsent', error: stopped });
    else stopped = await sendChunk(api, chunk, options, settle);
  }
  return reportOf(items, entries);
}

/** Serialized once, so that a `toJSON` or a getter is called only once, and a repeat sends the same bytes. */
function written(request: unknown, index: number): Entry | CarillonError {
  try {
    const plain: unknown = JSON.parse(writeJson(request));
    if (plain === null || typeof plain !== 'object' || Array.isArray(plain))
      throw new TypeError(
        `It is ${JSON.stringify(plain).slice(0, 40)}; pass an object such as { to: { ... } }`,
      );
    const keyed = withKey(plain as SendRequest);
    return { index, request: keyed, text: JSON.stringify(keyed) };
  } catch (cause) {
    const { message } = cause as Error;
    return new CarillonError('invalid_request', `Item ${index} was not sent. ${message}.`, { cause });
  }
}

function refused(error: CarillonError, request: unknown, index: number): BatchItem {
  let key: unknown;
  try {
    key = (request as SendRequest | null)?.idempotency_key;
  } catch {
    // A getter that throws has no key.
  }
  return { index, idempotencyKey: typeof key === 'string' ? key : null, outcome: 'refused', error };
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
 * Sends a chunk until each of its items has a final outcome. A chunk that failed as a whole is repeated by the
 * transport with the same keys; single items that the server could not store temporarily are sent again here.
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
      // An invalid key or a missing scope affects all items; an item that is too large does not.
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
  const body = new WrittenJson(`{"notifications":[${open.map(({ text }) => text).join(',')}]}`);
  const answer = await api.call('sendNotificationBatch', { body }, options);
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
  // Not processed: refused by a rate limit, or by something in front of the API.
  return status === 429 || code === 'unexpected_answer' ? 'unsent' : 'refused';
}

/** Any other error is the caller's abort: the items in progress may have been stored. */
function toError(thrown: unknown): CarillonError {
  if (thrown instanceof CarillonError) return thrown;
  return new CarillonError('aborted', `The batch was ended before its answer came: ${String(thrown)}`, {
    cause: thrown,
  });
}

function* chunksOf(entries: readonly Entry[]): Generator<Entry[]> {
  const encoder = new TextEncoder();
  let chunk: Entry[] = [];
  let bytes = ENVELOPE_BYTES;
  for (const entry of entries) {
    const size = encoder.encode(entry.text).length + 1;
    if (chunk.length > 0 && (chunk.length === MAX_ITEMS || bytes + size > MAX_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = ENVELOPE_BYTES;
    }
    chunk.push(entry);
    bytes += size;
  }
  if (chunk.length > 0) yield chunk;
}

function reportOf(items: BatchItem[], entries: readonly Entry[]): BatchReport {
  const counts = { accepted: 0, replayed: 0, refused: 0, unknown: 0, unsent: 0 };
  for (const { outcome } of items) counts[outcome]++;
  const again = entries
    .filter(({ index }) => items[index]!.outcome === 'unknown' || items[index]!.outcome === 'unsent')
    .map(({ request }) => request);
  return { items, counts, again };
}
