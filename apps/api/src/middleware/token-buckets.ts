import { LRUCache } from 'lru-cache';

/** Token buckets by key, in this process' memory: requests per second, with two seconds' worth in hand. */
export interface TokenBuckets {
  /**
   * Takes this amount from the key's bucket.
   *
   * @returns 0, or the seconds until enough is available; then nothing was taken.
   */
  take(key: string, cost: number): number;
  /** Gives back an amount that was taken for nothing. */
  giveBack(key: string, cost: number): void;
}

/** A flood of keys must not fill the memory; the least recently used is evicted first. */
const MAX_KEYS = 20_000;

/**
 * @param perSecond what a bucket gets back.
 * @param least a bucket holds at least this much.
 * @param now monotonic milliseconds.
 */
export function createTokenBuckets(
  perSecond: number,
  least = 0,
  now: () => number = () => performance.now(),
): TokenBuckets {
  const size = Math.max(2 * perSecond, least);
  const buckets = new LRUCache<string, { tokens: number; filledAt: number }>({ max: MAX_KEYS });
  return {
    take: (key, cost) => {
      const at = now();
      const known = buckets.get(key);
      const tokens = known
        ? Math.min(size, known.tokens + (Math.max(0, at - known.filledAt) / 1000) * perSecond)
        : size;
      const isAllowed = tokens >= cost;
      buckets.set(key, { tokens: isAllowed ? tokens - cost : tokens, filledAt: at });
      return isAllowed ? 0 : Math.max(1, Math.ceil((cost - tokens) / perSecond));
    },
    giveBack: (key, cost) => {
      const known = buckets.get(key);
      if (known) known.tokens += cost;
    },
  };
}
