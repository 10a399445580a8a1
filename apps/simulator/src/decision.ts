import type { Behaviours, Provider } from './behaviour.ts';
import type { Command } from './command.ts';

/** The outcome of one request, independent of the provider; each provider file translates it to its wire format. */
export type Verdict = Accept | Refuse;

export interface Accept {
  kind: 'accept';
  /** `drop`: the connection is closed after the acceptance. `silence`: no answer is sent. */
  finish: 'answer' | 'drop' | 'silence';
  delayMs: number;
}

/** Nothing is accepted. */
export interface Refuse {
  kind: 'refuse';
  reason: 'throttled' | 'failed' | 'unavailable';
  /** HTTP status to answer with. */
  status: number;
  /** The provider's error code in addition to the status. */
  code?: string;
  retryAfterSeconds: number | null;
  delayMs: number;
}

const SLOW_MS = 2_000;
const THROTTLED_TIMES = 2;
const RETRY_AFTER_SECONDS = 1;
const MAX_THROTTLED_MESSAGES = 10_000;

const PLAIN: Accept = Object.freeze({ kind: 'accept', finish: 'answer', delayMs: 0 });

/**
 * Decides by the provider's behaviour first (a provider that is down does not read the recipient), then by the command.
 */
export class Decider {
  readonly #behaviours: Behaviours;
  readonly #throttled = new Map<string, number>();

  constructor(behaviours: Behaviours) {
    this.#behaviours = behaviours;
  }

  /**
   * @param message identifies the message over all its tries; used only for `throttle`, which refuses the first two
   *   tries of each.
   */
  verdict(provider: Provider, command: Command, message: () => string): Verdict {
    const behaviour = this.#behaviours.of(provider);
    if (behaviour === undefined) return command === 'ok' ? PLAIN : this.#obey(provider, command, 0, message);
    const delayMs = behaviour.latency_ms;
    const refuse = (reason: Refuse['reason'], status: number): Refuse => ({
      kind: 'refuse',
      reason,
      status,
      ...(behaviour.code === undefined ? {} : { code: behaviour.code }),
      retryAfterSeconds:
        reason === 'throttled' || status === 429 || status === 503 ? RETRY_AFTER_SECONDS : null,
      delayMs,
    });
    if (behaviour.mode === 'outage') return refuse('unavailable', behaviour.status ?? 503);
    if (behaviour.error_rate > 0 && Math.random() < behaviour.error_rate) {
      return refuse('failed', behaviour.status ?? 500);
    }
    if (behaviour.mode === 'throttle') return refuse('throttled', 429);
    if (behaviour.mode === 'accept_then_drop') return { kind: 'accept', finish: 'drop', delayMs };
    if (behaviour.mode === 'accept_then_timeout') return { kind: 'accept', finish: 'silence', delayMs };
    return this.#obey(provider, command, delayMs, message);
  }

  #obey(provider: Provider, command: Command, delayMs: number, message: () => string): Verdict {
    switch (command) {
      case 'slow':
        return { kind: 'accept', finish: 'answer', delayMs: delayMs + SLOW_MS };
      case 'timeout':
        return { kind: 'accept', finish: 'silence', delayMs };
      case 'drop':
        return { kind: 'accept', finish: 'drop', delayMs };
      case 'error':
        return { kind: 'refuse', reason: 'failed', status: 500, retryAfterSeconds: null, delayMs };
      case 'throttle':
        if (this.#hasWaited(`${provider} ${message()}`)) return { kind: 'accept', finish: 'answer', delayMs };
        return {
          kind: 'refuse',
          reason: 'throttled',
          status: 429,
          retryAfterSeconds: RETRY_AFTER_SECONDS,
          delayMs,
        };
      default:
        return { kind: 'accept', finish: 'answer', delayMs };
    }
  }

  #hasWaited(message: string): boolean {
    const times = this.#throttled.get(message) ?? 0;
    this.#throttled.delete(message);
    if (times >= THROTTLED_TIMES) return true;
    this.#throttled.set(message, times + 1);
    // A map keeps insertion order: the first key is the least recently tried.
    if (this.#throttled.size > MAX_THROTTLED_MESSAGES) {
      this.#throttled.delete(this.#throttled.keys().next().value!);
    }
    return false;
  }
}
