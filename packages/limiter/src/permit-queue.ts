import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';

/**
 * The queue for one account's permits in this process. Permits come in leases of several (a clustered permit costs more
 * than three deliveries); unused permits of a lease are valid for one lease interval and then expire. Independent of
 * Redis.
 */
export type Permit = { granted: true } | { granted: false; retryInMs: number };

export interface PermitQueueOptions {
  /** Permits per lease. */
  leaseSize: number;
  /** How often all processes together may take a lease. */
  leaseEveryMs: number;
  /**
   * Takes one lease and resolves at the moment it may be used; rejects when the limiter cannot be queried.
   *
   * @param mostUrgent of the callers that wait now.
   */
  lease(mostUrgent: () => Priority | undefined): Promise<void>;
}

/** Also the result of `permit` for accounts without a limit: one promise for all, nothing allocated. */
export const GRANTED: Promise<Permit> = Promise.resolve({ granted: true });

/** How long a refused caller stays away when the wait cannot be estimated. */
const OUTAGE_RETRY_MS = 1_000;
/** A caller who will not wait at all still gets the time of a round trip where no wait is expected. */
const ROUND_TRIP_MS = 100;
const MAX_RETRY_MS = 60_000;

interface Waiter {
  settle(permit: Permit): void;
  timer: NodeJS.Timeout;
}

export class PermitQueue {
  #options: PermitQueueOptions;
  #waiting: Record<Priority, Waiter[]> = { critical: [], normal: [], bulk: [] };
  #left = 0;
  #validUntilMs = 0;
  #leasing = false;
  #leaseBeganMs = 0;
  /** How long a lease takes this process: longer than the interval when others want some too. */
  #leaseTakesMs: number;
  /** Up to when refused callers have been given times to come back, per priority. */
  #promisedMs: Record<Priority, number> = { critical: 0, normal: 0, bulk: 0 };
  #away = false;

  constructor(options: PermitQueueOptions) {
    this.#options = options;
    this.#leaseTakesMs = options.leaseEveryMs;
  }

  /** @param maxWaitMs a longer expected wait is refused at once, so that the caller's slot is free for others. */
  ask(priority: Priority, maxWaitMs: number): Promise<Permit> {
    if (this.#left > 0 && Date.now() < this.#validUntilMs) {
      this.#left--;
      return GRANTED;
    }
    const waitMs = this.#expectedWaitMs(priority);
    if (waitMs > maxWaitMs) return Promise.resolve(this.#refuse(priority, waitMs));
    return new Promise((resolve) => {
      const line = this.#waiting[priority];
      const waiter: Waiter = {
        settle: resolve,
        timer: setTimeout(
          () => {
            line.splice(line.indexOf(waiter), 1);
            resolve(this.#refuse(priority, this.#expectedWaitMs(priority)));
          },
          Math.max(maxWaitMs, ROUND_TRIP_MS),
        ),
      };
      line.push(waiter);
      this.#lease();
    });
  }

  /** Refuses all waiting callers. */
  close(): void {
    this.#refuseAll();
  }

  #lease(): void {
    if (this.#leasing || this.#mostUrgent() === undefined) return;
    this.#leasing = true;
    this.#leaseBeganMs = Date.now();
    this.#options.lease(this.#mostUrgent).then(
      () => {
        this.#leasing = false;
        this.#away = false;
        this.#serve();
        this.#lease();
      },
      () => {
        this.#leasing = false;
        this.#away = true;
        this.#refuseAll();
      },
    );
  }

  #serve(): void {
    const { leaseSize, leaseEveryMs } = this.#options;
    const nowMs = Date.now();
    const tookMs = Math.max(nowMs - this.#leaseBeganMs, leaseEveryMs);
    this.#leaseTakesMs += (tookMs - this.#leaseTakesMs) / 4;
    this.#left = leaseSize;
    this.#validUntilMs = nowMs + leaseEveryMs;
    while (this.#left > 0) {
      const { critical, normal, bulk } = this.#waiting;
      const waiter = critical.shift() ?? normal.shift() ?? bulk.shift();
      if (!waiter) return;
      this.#left--;
      clearTimeout(waiter.timer);
      waiter.settle({ granted: true });
    }
  }

  /** When a caller of this priority would be served if it joined the queue now. */
  #expectedWaitMs(priority: Priority): number {
    const { critical, normal, bulk } = this.#waiting;
    const ahead =
      critical.length +
      (priority === 'critical' ? 0 : normal.length) +
      (priority === 'bulk' ? bulk.length : 0);
    const leases = Math.floor(ahead / this.#options.leaseSize);
    const firstMs = Math.max(0, this.#leaseBeganMs + this.#leaseTakesMs - Date.now());
    return Math.ceil(firstMs + leases * this.#leaseTakesMs);
  }

  /**
   * Refused callers get different times, one permit apart: with the same time, they would all come back together and be
   * refused again.
   */
  #refuse(priority: Priority, waitMs: number): Permit {
    const nowMs = Date.now();
    const { leaseSize } = this.#options;
    const firstMs = nowMs + (this.#away ? OUTAGE_RETRY_MS : Math.max(waitMs, 1));
    const next = Math.max(firstMs, this.#promisedMs[priority] + this.#leaseTakesMs / leaseSize);
    this.#promisedMs[priority] = Math.min(next, nowMs + MAX_RETRY_MS);
    return { granted: false, retryInMs: Math.ceil(this.#promisedMs[priority] - nowMs) };
  }

  #refuseAll(): void {
    for (const priority of PRIORITIES) {
      for (const waiter of this.#waiting[priority].splice(0)) {
        clearTimeout(waiter.timer);
        waiter.settle(this.#refuse(priority, OUTAGE_RETRY_MS));
      }
    }
  }

  #mostUrgent = (): Priority | undefined => PRIORITIES.find((priority) => this.#waiting[priority].length > 0);
}
