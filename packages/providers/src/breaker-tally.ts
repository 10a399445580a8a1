import {
  BREAKER,
  type BreakerCounts,
  hangsAfterMs,
  type Sign,
  signOf,
  typicalMsAfter,
} from '@carillon/core/breaker';
import type { Outcome } from '@carillon/core/outcome';

/**
 * What this process saw of one account since its breaker entered its present state (its period): the calls in flight,
 * what to tell the other processes, and the counts of its own that stand in while they cannot be asked. No I/O; times
 * are milliseconds of a clock that only goes forward.
 */
export interface WatchedCall {
  /**
   * @param outcome null if the call was never made.
   * @returns what it says about the period in which it began; `nothing` if that is over.
   */
  ended(outcome: Outcome | null, now: number): Sign;
}

/** What happened since the last look. Failures may be taken back: a call that counted as hanging was answered. */
export interface Delta {
  good: number;
  bad: number;
  /** Whether a success was among them, and the failures after the last one. */
  succeeded: boolean;
  inARow: number;
}

interface InFlight {
  beganAt: number;
  counted: boolean;
}

const NOTHING: Readonly<Delta> = { good: 0, bad: 0, succeeded: false, inARow: 0 };

export class Tally {
  #period = 0;
  #inFlight = new Set<InFlight>();
  #delta: Delta = { ...NOTHING };
  /** Good and bad calls by second. */
  #seconds = new Map<number, { good: number; bad: number }>();
  #inARow = 0;
  #successes = 0;
  #typicalMs = 0;
  #lastSignAt = Number.NEGATIVE_INFINITY;
  #suspicion: string | null = null;

  get period(): number {
    return this.#period;
  }

  /** A new state of the breaker: what happened before it, and what began before it, says nothing about it. */
  enter(period: number): void {
    if (period <= this.#period) return;
    this.#period = period;
    this.#inFlight = new Set();
    this.#delta = { ...NOTHING };
    this.#seconds.clear();
    this.#inARow = 0;
    this.#successes = 0;
    this.#suspicion = null;
  }

  began(beganAt: number): WatchedCall {
    const call: InFlight = { beganAt, counted: false };
    const inFlight = this.#inFlight;
    inFlight.add(call);
    return {
      ended: (outcome, now) => {
        inFlight.delete(call);
        const sign = outcome === null ? 'nothing' : signOf(outcome);
        if (sign === 'success') this.#typicalMs = typicalMsAfter(this.#typicalMs, now - beganAt);
        if (inFlight !== this.#inFlight) return 'nothing';
        this.#count(sign, call, now);
        if (sign === 'suspicion') this.#suspicion = reasonOf(outcome);
        return sign;
      },
    };
  }

  /** Counts calls that hang as failed, and hands over what happened since the last time. */
  take(now: number): Delta {
    const hangsAfter = hangsAfterMs(this.#typicalMs);
    // In the order in which they began: behind the first that may still be answered none hangs.
    for (const call of this.#inFlight) {
      if (now - call.beganAt < hangsAfter) break;
      if (call.counted) continue;
      call.counted = true;
      this.#add('bad', 1, now);
    }
    const delta = this.#delta;
    this.#delta = { ...NOTHING };
    return delta;
  }

  /** Whether others may know something that matters here: it was called a moment ago. */
  isBusy(now: number): boolean {
    return this.#suspicion !== null || now - this.#lastSignAt < BREAKER.collapseSeconds * 2000;
  }

  /** Once, why the provider seems to refuse the account as a whole. */
  suspicion(): string | null {
    const suspicion = this.#suspicion;
    this.#suspicion = null;
    return suspicion;
  }

  /** This process's own counts. */
  counts(now: number): BreakerCounts {
    const current = Math.floor(now / 1000);
    const counts = { calls: 0, failures: 0, recentCalls: 0, recentFailures: 0 };
    for (const [second, { good, bad }] of this.#seconds) {
      if (second <= current - BREAKER.windowSeconds) {
        this.#seconds.delete(second);
        continue;
      }
      counts.calls += good + bad;
      counts.failures += bad;
      if (second <= current - BREAKER.collapseSeconds) continue;
      counts.recentCalls += good + bad;
      counts.recentFailures += bad;
    }
    return { ...counts, inARow: this.#inARow, successes: this.#successes };
  }

  #count(sign: Sign, call: InFlight, now: number): void {
    if (sign === 'success') this.#add('good', 1, now);
    if (sign === 'failure' && !call.counted) this.#add('bad', 1, now);
    if (sign !== 'failure' && call.counted) this.#add('bad', -1, now);
  }

  #add(kind: 'good' | 'bad', count: number, now: number): void {
    const second = Math.floor(now / 1000);
    const bucket = this.#seconds.get(second) ?? { good: 0, bad: 0 };
    bucket[kind] += count;
    this.#seconds.set(second, bucket);
    this.#delta[kind] += count;
    this.#lastSignAt = now;
    if (kind === 'good') {
      this.#successes++;
      this.#inARow = 0;
      this.#delta.succeeded = true;
      this.#delta.inARow = 0;
    } else if (count > 0) {
      this.#inARow++;
      this.#delta.inARow++;
    }
  }
}

function reasonOf(outcome: Outcome | null): string {
  return outcome === null || outcome.class === 'accepted' ? '' : outcome.message;
}
