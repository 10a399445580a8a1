import { ProblemError } from '@carillon/core/problem';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { shareOf } from './rate-share.ts';

/**
 * A token bucket per key in this process' memory: a request never waits for Redis. In the background the processes
 * tell each other through Redis how much each key asks of them, and each takes its share of the key's limit. Without
 * Redis every process keeps the share it had (the whole limit if it never heard of another).
 *
 * What it keeps: in any `t` seconds all processes together let in at most `limit x (t + 1)` requests of a key (a bucket
 * holds one second's worth), counted from when they have heard of each other. Until then, about a second after a key
 * is first used on several processes, each of them gives the whole limit.
 */
export interface RateLimiter {
  take(keyId: string, limitPerSecond: number): Permit;
  /** Exchanges demands once and adopts the new shares; does nothing if Redis is away. */
  level(): Promise<void>;
}

export interface Permit {
  allowed: boolean;
  /** Whole requests left in the bucket now. */
  remaining: number;
  /** Seconds until the bucket is full again. */
  resetSeconds: number;
  /** Seconds until the next request will be let in; 0 if this one was. */
  retryAfterSeconds: number;
}

/** Where processes tell each other their demand. */
export interface DemandBoard {
  /**
   * @param demands requests per second by key id, of this process.
   * @returns the demands of every other process that reported lately, by key id.
   * @throws when Redis is away.
   */
  exchange(demands: ReadonlyMap<string, number>): Promise<ReadonlyMap<string, readonly number[]>>;
}

interface Bucket {
  limit: number;
  share: number;
  tokens: number;
  filledAt: number;
  /** Requests asked for since the last levelling. */
  asked: number;
  idleRounds: number;
}

/** A bucket nobody used for this many levellings is forgotten. */
const IDLE_ROUNDS = 20;

export function createRateLimiter(board: DemandBoard | null, now: () => number = Date.now): RateLimiter {
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
        // Redis is away: every process keeps its share.
      }
    },
  };
}

function newBucket(limit: number, at: number): Bucket {
  return { limit, share: limit, tokens: Math.max(1, limit), filledAt: at, asked: 0, idleRounds: 0 };
}

/** Refuses with 429 what is beyond the key's limit; every answer says how much is left. Needs `caller`. */
export function rateLimit(limiter: RateLimiter): MiddlewareHandler<ApiEnv> {
  return async function rateLimit(c, next) {
    const { keyId, ratePerSecond } = c.get('caller');
    const permit = limiter.take(keyId, ratePerSecond);
    const { headers } = c.get('answerHeaders');
    headers['RateLimit-Limit'] = String(ratePerSecond);
    headers['RateLimit-Remaining'] = String(permit.remaining);
    headers['RateLimit-Reset'] = String(permit.resetSeconds);
    if (!permit.allowed) {
      throw new ProblemError(
        'rate_limited',
        `The API key ${keyId} may make ${ratePerSecond} requests per second. Wait ${permit.retryAfterSeconds} s, or send up to 1000 notifications in one POST /v1/notifications/batch.`,
        { retryAfterSeconds: permit.retryAfterSeconds },
      );
    }
    await next();
  };
}
