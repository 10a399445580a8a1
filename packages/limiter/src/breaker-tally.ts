import {
  BREAKER,
  type BreakerCounts,
  hangsAfterMs,
  type Sign,
  signOf,
  typicalMsAfter,
} from '@carillon/core/provider/breaker';
import type { Outcome } from '@carillon/core/provider/outcome';

/**
 * What this process saw of one account since its breaker entered its present state (its period): the calls in flight,
 * what to report to the other processes, and its own counts, used while those of all cannot be read. No I/O; times are
 * milliseconds of a monotonic clock.
 */
export interface WatchedCall {
  /**
   * @param outcome null if the call was never made.
   * @returns its meaning for the period in which it began; `nothing` if that is over.
   */
  ended(outcome: Outcome | null, now: number): Sign;
}

/** What happened since the last look. Failures may be taken back: a call that counted as hanging was answered. */
export interface Delta {
  good: number;
  /** Failures of messages that had not failed before ... */
  bad: number;
  /** ... and those among them that belong to the window but not to the last seconds: see `Kind`. */
  overtaken: number;
  /** Whether a success was among them, and the failures after the last one. */
  succeeded: boolean;
  inARow: number;
  /** Failures, after the last success, of messages that had failed before. */
  again: number;
}

/**
 * `overtaken`: a failure whose call began before one that was accepted. A call that hangs is noticed seconds after its
 * neighbours succeeded; without later calls it would look like a total outage.
 */
type Kind = 'good' | 'bad' | 'overtaken' | 'again';

interface InFlight {
  beganAt: number;
  failedBefore: boolean;
  counted: Exclude<Kind, 'good'> | null;
}

const NOTHING: Readonly<Delta> = { good: 0, bad: 0, overtaken: 0, succeeded: false, inARow: 0, again: 0 };

export class Tally {
  #period = 0;
  #inFlight = new Set<InFlight>();
  #delta: Delta = { ...NOTHING };
  /** Good and bad calls by second. */
  #seconds = new Map<number, { good: number; bad: number }>();
  #inARow = 0;
  #again = 0;
  #successes = 0;
  /** When the newest call began that was accepted. */
  #newestAccepted = Number.NEGATIVE_INFINITY;
  #typicalMs = 0;
  #patienceMs = 0;
  #lastSignAt = Number.NEGATIVE_INFINITY;
  #suspicion: string | null = null;

  get period(): number {
    return this.#period;
  }

  /** A new state of the breaker: outcomes before it, and calls that began before it, do not count. */
  enter(period: number): void {
    if (period <= this.#period) return;
    this.#period = period;
    this.#inFlight = new Set();
    this.#delta = { ...NOTHING };
    this.#seconds.clear();
    this.#inARow = 0;
    this.#again = 0;
    this.#successes = 0;
    this.#newestAccepted = Number.NEGATIVE_INFINITY;
    this.#suspicion = null;
  }

  /**
   * @param failedBefore whether an earlier call with this message to this account failed.
   * @param patienceMs before this time an unanswered call does not count as hanging.
   */
  began(beganAt: number, failedBefore = false, patienceMs = 0): WatchedCall {
    this.#patienceMs = patienceMs;
    const call: InFlight = { beganAt, failedBefore, counted: null };
    const inFlight = this.#inFlight;
    inFlight.add(call);
    return {
      ended: (outcome, now) => {
        inFlight.delete(call);
        const sign = outcome === null ? 'nothing' : signOf(outcome, failedBefore);
        if (outcome?.class === 'accepted' && inFlight === this.#inFlight)
          this.#newestAccepted = Math.max(this.#newestAccepted, beganAt);
        if (sign === 'success') this.#typicalMs = typicalMsAfter(this.#typicalMs, now - beganAt);
        if (inFlight !== this.#inFlight) return 'nothing';
        this.#count(sign, call, now);
        if (sign === 'suspicion') this.#suspicion = reasonOf(outcome);
        return sign;
      },
    };
  }

  /** Counts calls that hang as failed, and returns what happened since the last time. */
  take(now: number): Delta {
    const hangsAfter = Math.max(hangsAfterMs(this.#typicalMs), this.#patienceMs);
    // In the order in which they began: behind the first that may still be answered none hangs.
    for (const call of this.#inFlight) {
      if (now - call.beganAt < hangsAfter) break;
      if (call.counted === null) this.#fail(call, now);
    }
    const delta = this.#delta;
    this.#delta = { ...NOTHING };
    return delta;
  }

  /** Whether other processes may have counts that matter here: it was called a moment ago. */
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
    return { ...counts, inARow: this.#inARow, again: this.#again, successes: this.#successes };
  }

  #count(sign: Sign, call: InFlight, now: number): void {
    const failed = sign === 'failure' || sign === 'failed_again';
    if (failed && call.counted === null) this.#fail(call, now);
    if (!failed && call.counted !== null && call.counted !== 'again') this.#add(call.counted, -1, now);
    if (sign !== 'success') return;
    this.#add('good', 1, now);
    this.#successes++;
    this.#inARow = 0;
    this.#again = 0;
    this.#delta.succeeded = true;
    this.#delta.inARow = 0;
    this.#delta.again = 0;
  }

  #fail(call: InFlight, now: number): void {
    const overtaken = call.beganAt < this.#newestAccepted;
    call.counted = call.failedBefore ? 'again' : overtaken ? 'overtaken' : 'bad';
    this.#add(call.counted, 1, now);
    if (overtaken) return;
    const row = call.failedBefore ? 'again' : 'inARow';
    this.#delta[row]++;
    if (call.failedBefore) this.#again++;
    else this.#inARow++;
  }

  #add(kind: Kind, count: number, now: number): void {
    this.#lastSignAt = now;
    if (kind === 'again') return;
    const second = Math.floor(now / 1000) - (kind === 'overtaken' ? BREAKER.collapseSeconds : 0);
    const bucket = this.#seconds.get(second) ?? { good: 0, bad: 0 };
    bucket[kind === 'good' ? 'good' : 'bad'] += count;
    this.#seconds.set(second, bucket);
    this.#delta[kind] += count;
  }
}

function reasonOf(outcome: Outcome | null): string {
  return outcome === null || outcome.class === 'accepted' ? '' : outcome.message;
}
