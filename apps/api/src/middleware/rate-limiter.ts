import { shareOf } from './rate-share.ts';

/**
 * A token bucket per key in this process' memory: a request never waits for Redis. In the background the processes
 * exchange the demand of each key through Redis, and each takes its share of the key's limit. Without Redis every
 * process keeps its last share (the whole limit if it has never seen another process).
 *
 * Guarantee: in any `t` seconds all processes together admit at most `limit x (t + 1)` requests of a key (a bucket
 * holds one second's worth), counted from their first exchange. Until then, about a second after a key is first used on
 * several processes, each of them admits the whole limit.
 */
export interface RateLimiter {
  take(keyId: string, limitPerSecond: number): Permit;
  /** Exchanges demands once and adopts the new shares; does nothing if Redis is unavailable. */
  level(): Promise<void>;
}

export interface Permit {
  allowed: boolean;
  /** Whole requests left in the bucket now. */
  remaining: number;
  /** Seconds until the bucket is full again. */
  resetSeconds: number;
  /** Seconds until the next request will be admitted; 0 if this one was. */
  retryAfterSeconds: number;
}

/** Where processes exchange their demand. */
export interface DemandBoard {
  /**
   * @param demands requests per second by key id, of this process.
   * @returns the demands of every other process that reported recently, by key id.
   * @throws when Redis is unavailable.
   */
  exchange(demands: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, readonly number[]>>;
}

interface Bucket {
  limit: number;
  share: number;
  tokens: number;
  filledAt: number;
  /** Requests since the last levelling. */
  asked: number;
  idleRounds: number;
}

/** A bucket unused for this many levellings is removed. */
const IDLE_ROUNDS = 20;

/** @param now monotonic milliseconds: a clock that is set back would admit nothing until it has caught up. */
export function createRateLimiter(
  board: DemandBoard | null,
  now: () => number = () => performance.now(),
): RateLimiter {
  const buckets = new Map<string, Bucket>();
  let levelledAt = now();

  return {
    take: (keyId, limitPerSecond) => {
      const at = now();
      let bucket = buckets.get(keyId);
      if (!bucket || bucket.limit !== limitPerSecond) {
        bucket = newBucket(limitPerSecond, at);
        buckets.set(keyId, bucket);
      }
      bucket.asked++;
      const size = Math.max(1, bucket.share);
      bucket.tokens = Math.min(size, bucket.tokens + ((at - bucket.filledAt) / 1000) * bucket.share);
      bucket.filledAt = at;
      const allowed = bucket.tokens >= 1;
      if (allowed) bucket.tokens -= 1;
      return {
        allowed,
        remaining: Math.floor(bucket.tokens),
        resetSeconds: Math.ceil((size - bucket.tokens) / bucket.share),
        retryAfterSeconds: allowed ? 0 : Math.max(1, Math.ceil((1 - bucket.tokens) / bucket.share)),
      };
    },

    level: async () => {
      const seconds = Math.max(0.001, (now() - levelledAt) / 1000);
      levelledAt = now();
      const demands = new Map<string, number>();
      for (const [keyId, bucket] of buckets) {
        demands.set(keyId, bucket.asked / seconds);
        bucket.idleRounds = bucket.asked === 0 ? bucket.idleRounds + 1 : 0;
        bucket.asked = 0;
        if (bucket.idleRounds > IDLE_ROUNDS) buckets.delete(keyId);
      }
      if (!board || demands.size === 0) return;
      try {
        const others = await board.exchange(demands);
        for (const [keyId, mine] of demands) {
          const bucket = buckets.get(keyId);
          if (bucket) bucket.share = Math.max(0.01, shareOf(bucket.limit, mine, others.get(keyId) ?? []));
        }
      } catch {
        // Redis is unavailable: every process keeps its share.
      }
    },
  };
}

function newBucket(limit: number, at: number): Bucket {
  return { limit, share: limit, tokens: Math.max(1, limit), filledAt: at, asked: 0, idleRounds: 0 };
}
