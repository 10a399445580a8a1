import { assertCallOptions } from './call-options.ts';
import { CarillonError } from './carillon-error.ts';
import { type EventConnection, eventConnection } from './event-connection.ts';
import { eventParser } from './event-parser.ts';
import { type InboxEvent, readInboxEvent, type StreamEnd } from './inbox-event.ts';
import { mayHaveArrived } from './retry-rule.ts';
import type { Opened, Transport } from './transport.ts';

export interface StreamOptions {
  /** The `sequence` of a list or of an event: the stream begins behind it. Without it, at the present. */
  after?: number | undefined;
  /** Ends the stream: the iteration rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /** After so long without a byte the connection counts as dead. Default: 60 s; the API sends something every 20 s. */
  timeoutMs?: number | undefined;
  /** Called before the wait for the next connection after a failure: to show that it is offline. */
  onRetry?: ((error: CarillonError) => void) | undefined;
}

const SILENCE_MS = 60_000;
/** Of the waits between connections: the first, doubled each time up to the longest. */
const FIRST_WAIT_MS = 500;
const LONGEST_WAIT_MS = 30_000;
const SPREAD_MS = 250;
const LONGEST_RETRY_AFTER_SECONDS = 300;

/** State of an iteration, over all its connections. */
interface Progress {
  position: number | undefined;
  /** Connections that ended since the last event. */
  failures: number;
  /** A new credential was asked for since the last event. */
  isRenewed: boolean;
  /** There has been an event: address and credential were good. */
  wasOpen: boolean;
}

/**
 * Follows an inbox over any number of connections, each from where the one before ended: every message and every change
 * comes once, in order. It goes on until the caller stops, until the server says not to come back (`closed`), or until
 * an answer that a repeat does not change (401, 403, 404), which it throws.
 *
 * @param open requests the stream behind a position.
 */
export function followInbox(
  api: Pick<Transport, 'wait' | 'random'>,
  open: (after: number | undefined, signal: AbortSignal) => Promise<Opened>,
  options: StreamOptions = {},
): AsyncGenerator<InboxEvent, void, undefined> {
  const { after, signal, timeoutMs } = options;
  assertCallOptions({ signal, timeoutMs });
  if (after !== undefined && !(Number.isSafeInteger(after) && after >= 0))
    throw new TypeError(`after is ${String(after)}; it must be the sequence of a list or of an event`);
  return follow(api, open, options);
}

async function* follow(
  api: Pick<Transport, 'wait' | 'random'>,
  open: (after: number | undefined, signal: AbortSignal) => Promise<Opened>,
  { after, signal, timeoutMs = SILENCE_MS, onRetry }: StreamOptions,
): AsyncGenerator<InboxEvent, void, undefined> {
  const progress: Progress = { position: after, failures: 0, isRenewed: false, wasOpen: false };
  for (;;) {
    signal?.throwIfAborted();
    const connection = eventConnection((stop) => open(progress.position, stop), timeoutMs, signal);
    let failure: CarillonError;
    try {
      const end = yield* eventsOf(connection, progress);
      if (end === 'too_many_streams' || end === 'recipient_erased') {
        yield { type: 'closed', reason: end };
        return;
      }
      if (end === 'token_expired') connection.renew();
      if (end !== null && progress.failures === 0) {
        // Not a fault, unless it is all that comes. The spread is for a process that ends a thousand streams.
        progress.failures = 1;
        await api.wait(Math.round(api.random() * SPREAD_MS), signal);
        continue;
      }
      failure = new CarillonError('unreachable', `The stream ended${end === null ? '' : `: ${end}`}.`);
    } catch (error) {
      if (!(error instanceof CarillonError) || signal?.aborted) throw error;
      if (error.status === 401 && !progress.isRenewed && connection.renew()) {
        progress.isRenewed = true;
        continue;
      }
      if (!passes(error, progress)) throw error;
      failure = error;
    } finally {
      await connection.close();
    }
    progress.failures++;
    failure.tries = progress.failures;
    onRetry?.(failure);
    await api.wait(waitMs(failure, progress.failures, api.random()), signal);
  }
}

/** Yields what one connection brings. @returns the reason that the server gave; null where it gave none. */
async function* eventsOf(
  connection: EventConnection,
  progress: Progress,
): AsyncGenerator<InboxEvent, StreamEnd | null, undefined> {
  const parse = eventParser();
  for (;;) {
    const bytes = await connection.read();
    if (bytes === null) return null;
    for (const wire of parse(bytes)) {
      const read = readInboxEvent(wire);
      if ('end' in read) return read.end;
      Object.assign(progress, { failures: 0, isRenewed: false, wasOpen: true });
      progress.position = read.position ?? progress.position;
      if (read.event) yield read.event;
    }
  }
}

/** A page in between (the log-in of a network) may go away, if the API has answered before. */
function passes(error: CarillonError, { wasOpen }: Progress): boolean {
  return mayHaveArrived(error) || error.status === 429 || (wasOpen && error.code === 'unexpected_answer');
}

/** Half of it random, so that a thousand clients do not come back at once; never less than `Retry-After`. */
function waitMs({ retryAfterSeconds }: CarillonError, failures: number, random: number): number {
  const asked = Math.min(retryAfterSeconds ?? 0, LONGEST_RETRY_AFTER_SECONDS);
  const backoff = Math.min(LONGEST_WAIT_MS, FIRST_WAIT_MS * 2 ** Math.min(failures - 1, 20));
  return Math.round(asked * 1000 + backoff * (0.5 + random / 2));
}
