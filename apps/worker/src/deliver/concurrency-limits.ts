import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import type { ProviderAccount } from '@carillon/providers/contract';

/** Admits work to a lane of this process, and to its priority, which lanes share. */
export interface LaneLimit {
  /**
   * @param size notifications the work has in hand.
   * @returns what the work returns; null if the process stops before it was admitted.
   */
  run<T>(size: number, work: () => Promise<T>): Promise<T | null>;
  isClosed(): boolean;
}

/** @param shared what all lanes of a priority have in hand; each lane takes only a part of it. */
export function laneLimit(own: PrioritySemaphore, shared?: PrioritySemaphore): LaneLimit {
  return {
    run: (size, work) =>
      own.run({ weight: size }, () => (shared ? shared.run({ weight: size }, work) : work())),
    isClosed: () => own.isClosed || shared?.isClosed === true,
  };
}

/**
 * The calls of this process in flight at each account: an adapter carries only so many at a time (`atOnce`: its
 * connections). More would wait inside the adapter against their own deadline, and then look like a provider that does
 * not answer. Here they wait before their call begins, critical ones first, at no cost but time.
 */
export class AccountLimits {
  readonly #limits = new Map<string, { atOnce: number; limit: PrioritySemaphore }>();

  of({ id, adapter: { atOnce = Number.POSITIVE_INFINITY } }: ProviderAccount): PrioritySemaphore {
    const known = this.#limits.get(id);
    // A changed account opens connections of its own.
    if (known?.atOnce === atOnce) return known.limit;
    const limit = new PrioritySemaphore(atOnce);
    this.#limits.set(id, { atOnce, limit });
    return limit;
  }
}
