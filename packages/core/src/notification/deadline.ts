import { OwnError } from '../program/own-error.ts';

/**
 * Deadlines of requests. PostgreSQL may not respond (frozen, partitioned, its socket half open) for longer than any
 * caller waits; a caller that receives a 503 can repeat, one that receives nothing cannot.
 */

/** The deadline passed. The work continues unobserved, so a write may still take effect. */
export class DeadlineError extends OwnError {
  readonly afterMs: number;

  /** @param afterMs the deadline, in milliseconds. */
  constructor(afterMs: number) {
    super(`no answer within ${afterMs} ms`);
    this.name = 'DeadlineError';
    this.afterMs = afterMs;
  }
}

/** The remaining time of one task. */
export interface Clock {
  /** Pauses while the work waits for something with its own timeout, such as the request body. */
  hold(): void;
  /** Resumes from where it paused. */
  resume(): void;
}

/**
 * For waits with their own, possibly longer, timeout: the request body, a query to a provider.
 *
 * @param work anything that does not wait for PostgreSQL.
 */
export async function whileHeld<T>(clock: Clock, work: Promise<T>): Promise<T> {
  clock.hold();
  try {
    return await work;
  } finally {
    clock.resume();
  }
}

export interface Deadlines {
  /**
   * Runs the work, and rejects with DeadlineError once its time is up. Late results are dropped.
   *
   * @param work receives its clock, and starts at once.
   */
  run<T>(work: (clock: Clock) => Promise<T>): Promise<T>;
}

/**
 * One deadline for many concurrent tasks. A timer for each costs more than the rest of this file: one sweep checks all
 * of them, so the deadline is accurate to `sweepMs`.
 *
 * @param ms how long each task may take, in milliseconds.
 * @param sweepMs interval between checks, in milliseconds.
 * @param now a monotonic clock, in milliseconds.
 */
export function createDeadlines(ms: number, sweepMs = 200, now = () => performance.now()): Deadlines {
  /** One object per task, and no closure: this runs for every request. */
  class Running implements Clock {
    /** When counting last began, in milliseconds; NaN while paused. */
    since = now();
    /** Milliseconds counted before that. */
    spent = 0;
    readonly reject: (error: unknown) => void;

    constructor(reject: (error: unknown) => void) {
      this.reject = reject;
    }
    hold(): void {
      if (Number.isNaN(this.since)) return;
      this.spent += now() - this.since;
      this.since = Number.NaN;
    }
    resume(): void {
      if (Number.isNaN(this.since)) this.since = now();
    }
  }
  const running = new Set<Running>();
  let isArmed = false;

  const arm = (): void => {
    if (isArmed) return;
    isArmed = true;
    setTimeout(sweep, sweepMs).unref();
  };
  const sweep = (): void => {
    isArmed = false;
    const at = now();
    for (const each of running) {
      if (!(each.spent + (at - each.since) >= ms)) continue;
      running.delete(each);
      each.reject(new DeadlineError(ms));
    }
    if (running.size > 0) arm();
  };

  return {
    run: (work) =>
      new Promise((resolve, reject) => {
        const each = new Running(reject);
        running.add(each);
        arm();
        work(each).then(
          (value) => {
            running.delete(each);
            resolve(value);
          },
          (error: unknown) => {
            running.delete(each);
            reject(error);
          },
        );
      }),
  };
}

/**
 * One task with its own deadline.
 *
 * @param ms milliseconds.
 * @throws DeadlineError when the time is up; the work continues unobserved.
 */
export async function withTimeout<T>(ms: number, work: PromiseLike<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new DeadlineError(ms)), ms);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
