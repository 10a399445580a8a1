import { eventParser } from './event-parser.ts';
import type { StreamEvent } from './message.ts';
import { pauseAfter, wakeUps } from './wake-ups.ts';

/** `live`: connected. `waiting`: tries again by itself. `stopped`: only a person's wish connects it again. */
export type StreamState = 'live' | 'waiting' | 'stopped';

export interface StreamOptions {
  /** Opens the stream after this position; null: at the present. */
  open(after: number | null, signal: AbortSignal): Promise<Response>;
  position(): number | null;
  /** Events that came together. `isCatchUp`: of what happened before the connection. */
  receive(events: StreamEvent[], isCatchUp: boolean): void;
  changed(state: StreamState): void;
  /** The server ended the stream because the token has ended. */
  expired(): void;
  /** Times in ms; tests shorten them. */
  silenceMs?: number;
  firstPauseMs?: number;
}

/** The server sends at least a comment every 20 s. Without any for this long, the connection is a dead one. */
const SILENCE_MS = 60_000;
/** After this long without a byte, a sign that the machine was asleep is enough to connect again. */
const SUSPICIOUS_MS = 25_000;

/** Reasons after which another attempt would only be ended again. */
const FINAL = ['too_many_streams', 'recipient_erased'];

/**
 * Holds a stream open until `signal` aborts: reads it, notices when it is dead (also after an hour of sleep), and
 * connects again from the position reached, after a pause that grows and differs between clients.
 */
export async function keepStream(options: StreamOptions, signal: AbortSignal): Promise<void> {
  const { silenceMs = SILENCE_MS, firstPauseMs } = options;
  let failures = 0;
  while (!signal.aborted) {
    const end = await connectOnce(options, silenceMs, signal, () => {
      failures = 0;
    });
    if (signal.aborted) return;
    if (end === 'stopped') return options.changed('stopped');
    options.changed('waiting');
    // At once, but if that fails too, not in a loop.
    if (end === 'pause' || failures > 0) await pauseAfter(failures, [signal], firstPauseMs);
    failures++;
  }
}

/** One connection, from its opening to its end. @returns what to do next. */
async function connectOnce(
  { open, position, receive, changed, expired }: StreamOptions,
  silenceMs: number,
  signal: AbortSignal,
  succeeded: () => void,
): Promise<'again' | 'pause' | 'stopped'> {
  const connection = new AbortController();
  const drop = () => connection.abort();
  signal.addEventListener('abort', drop);
  let heardAt = Date.now();
  let watchdog = setTimeout(drop, silenceMs);
  const forget = wakeUps((isOffline) => {
    if (isOffline || Date.now() - heardAt > Math.min(SUSPICIOUS_MS, silenceMs)) drop();
  });
  try {
    const response = await open(position(), connection.signal);
    // No token will do, or the inbox is gone: 401 here means that a new token was refused as well.
    if (response.status === 401 || response.status === 403 || response.status === 404) return 'stopped';
    if (!response.ok) return 'pause';
    changed('live');
    const parse = eventParser();
    const reader = response.body!.getReader();
    for (let isCatchUp = true; ; ) {
      const { done, value } = await reader.read();
      if (done) return 'again';
      heardAt = Date.now();
      clearTimeout(watchdog);
      watchdog = setTimeout(drop, silenceMs);
      const events = parse(value);
      if (events.length === 0) continue;
      succeeded();
      receive(events, isCatchUp);
      if (events.some(({ type }) => type === 'counts')) isCatchUp = false;
      const closed = events.find(({ type }) => type === 'closed');
      if (closed === undefined) continue;
      const { reason } = closed.data as { reason: string };
      if (FINAL.includes(reason)) return 'stopped';
      if (reason === 'token_expired') expired();
      return 'again';
    }
  } catch {
    return 'pause';
  } finally {
    clearTimeout(watchdog);
    forget();
    signal.removeEventListener('abort', drop);
    drop();
  }
}
