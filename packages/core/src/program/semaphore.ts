import { PRIORITIES, type Priority } from '../notification/priority.ts';

export interface AcquireOptions {
  /** The share of the capacity: calls, notifications, bytes. A request larger than the capacity is admitted alone. */
  weight?: number;
  /** Higher priorities are admitted first; within a priority first come, first served. */
  priority?: Priority;
  /** How long to wait, in milliseconds; unlimited if absent. */
  timeoutMs?: number;
  /** When aborted, waiting requests are rejected. */
  signal?: AbortSignal;
}

interface Waiting {
  weight: number;
  settle(admitted: boolean): void;
}

/**
 * A weighted semaphore with priorities: the concurrency limit of lanes and provider accounts, and the memory limit of
 * attachments. A request that does not fit waits in order, so that a large one is not starved by small ones.
 */
export class PrioritySemaphore {
  readonly #capacity: number;
  readonly #waiting: Record<Priority, Set<Waiting>> = {
    critical: new Set(),
    normal: new Set(),
    bulk: new Set(),
  };
  #used = 0;
  #isClosed = false;

  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /** True after `close`. */
  get isClosed(): boolean {
    return this.#isClosed;
  }

  /**
   * Waits until the request is admitted.
   *
   * @returns the release function (idempotent); null if the time was up, the signal was aborted or the semaphore was
   * closed first.
   */
  async acquire(options: AcquireOptions = {}): Promise<(() => void) | null> {
    const { weight = 1, priority = 'normal', timeoutMs, signal } = options;
    if (this.#isClosed || signal?.aborted) return null;
    if (this.#isNext(priority) && this.#fits(weight)) this.#used += weight;
    else if (!(await this.#wait(weight, priority, timeoutMs, signal))) return null;
    let isHeld = true;
    return () => {
      if (!isHeld) return;
      isHeld = false;
      this.#used -= weight;
      this.#admit();
    };
  }

  /**
   * Does the work once it is admitted.
   *
   * @returns what the work returns; null if it was not admitted.
   */
  async run<T>(options: AcquireOptions, work: () => Promise<T>): Promise<T | null> {
    const release = await this.acquire(options);
    if (!release) return null;
    try {
      return await work();
    } finally {
      release();
    }
  }

  /** Rejects waiting and new requests; admitted work continues. */
  close(): void {
    this.#isClosed = true;
    for (const priority of PRIORITIES) for (const { settle } of [...this.#waiting[priority]]) settle(false);
  }

  #fits(weight: number): boolean {
    return this.#used === 0 || this.#used + weight <= this.#capacity;
  }

  /** Whether no request of this or a higher priority waits. */
  #isNext(priority: Priority): boolean {
    for (const each of PRIORITIES) {
      if (this.#waiting[each].size > 0) return false;
      if (each === priority) return true;
    }
    return true;
  }

  #wait(weight: number, priority: Priority, timeoutMs?: number, signal?: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const queue = this.#waiting[priority];
      let timer: NodeJS.Timeout | undefined;
      const giveUp = (): void => {
        waiting.settle(false);
        // It may have blocked the others.
        this.#admit();
      };
      const waiting: Waiting = {
        weight,
        settle: (admitted) => {
          queue.delete(waiting);
          clearTimeout(timer);
          signal?.removeEventListener('abort', giveUp);
          resolve(admitted);
        },
      };
      queue.add(waiting);
      if (timeoutMs !== undefined) timer = setTimeout(giveUp, timeoutMs);
      signal?.addEventListener('abort', giveUp, { once: true });
    });
  }

  #admit(): void {
    for (let next = this.#first(); next && this.#fits(next.weight); next = this.#first()) {
      this.#used += next.weight;
      next.settle(true);
    }
  }

  #first(): Waiting | undefined {
    for (const priority of PRIORITIES) {
      const [first] = this.#waiting[priority];
      if (first) return first;
    }
    return undefined;
  }
}
