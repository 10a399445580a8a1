import { ProblemError } from '@carillon/core/text/problem';
import type { TrustedProxies } from '@carillon/providers/http/client-address';
import type { Context, MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import type { ApiEnv } from '../deps.ts';
import { clientAddress } from './client-address.ts';

/**
 * A rate limit for unauthenticated requests, by client address, in this process' memory. Behind a proxy all of them may
 * share one address; so authenticated requests (a key in use, the receipts of an account in use) are never counted, and
 * the limit is generous.
 */
export interface StrangerLimit {
  /** Proxies whose `X-Forwarded-For` is trusted. */
  trusted: TrustedProxies | undefined;
  /**
   * Takes this amount from the address's remaining quota.
   *
   * @returns 0, or the seconds until enough is available; then nothing was taken.
   */
  take(address: string, cost: number): number;
  /** Gives back the amount taken for a request that turned out to be authenticated. */
  giveBack(address: string, cost: number): void;
}

/** A flood of addresses must not fill the memory; the least recently used is evicted first. */
const MAX_ADDRESSES = 20_000;
/** The cost of a look-up that only an unauthenticated caller can cause (unknown key, unknown account). */
const LOOK_UP_COST = 10;

/**
 * @param perSecond requests per second and address; a bucket holds two seconds' worth.
 * @param trusted proxies in front of this process.
 * @param now monotonic milliseconds.
 */
export function createStrangerLimit(
  perSecond: number,
  trusted?: TrustedProxies,
  now: () => number = () => performance.now(),
): StrangerLimit {
  const size = Math.max(2 * perSecond, LOOK_UP_COST);
  const buckets = new LRUCache<string, { tokens: number; filledAt: number }>({ max: MAX_ADDRESSES });

  return {
    trusted,
    take: (address, cost) => {
      const at = now();
      const known = buckets.get(address);
      const tokens = known
        ? Math.min(size, known.tokens + (Math.max(0, at - known.filledAt) / 1000) * perSecond)
        : size;
      const isAllowed = tokens >= cost;
      buckets.set(address, { tokens: isAllowed ? tokens - cost : tokens, filledAt: at });
      return isAllowed ? 0 : Math.max(1, Math.ceil((cost - tokens) / perSecond));
    },
    giveBack: (address, cost) => {
      const known = buckets.get(address);
      if (known) known.tokens += cost;
    },
  };
}

/** Counts every request to a public route against its address. */
export function limitStrangers(limit: StrangerLimit, cost = 1): MiddlewareHandler<ApiEnv> {
  return async function limitStrangers(c, next) {
    assertWithin(limit, c, cost);
    await next();
  };
}

/** Called before and after a look-up that an unauthenticated caller may have caused. */
export interface LookUpPermit {
  /** @throws ProblemError 429 when the address of this request has used up its limit. */
  before(): void;
  /** The look-up found a row, so the request is not counted. */
  found(): void;
}

/** Counts look-ups of keys and accounts that this process has not cached, unless they exist. */
export function lookUpPermit(limit: StrangerLimit, c: Context<ApiEnv>): LookUpPermit {
  return {
    before: () => assertWithin(limit, c, LOOK_UP_COST),
    found: () => {
      const address = clientAddress(c, limit.trusted);
      if (address !== null) limit.giveBack(address, LOOK_UP_COST);
    },
  };
}

/** @throws ProblemError 429 when the address of this request has used up its limit. */
export function assertWithin(limit: StrangerLimit, c: Context<ApiEnv>, cost: number): void {
  const address = clientAddress(c, limit.trusted);
  if (address === null) return;
  const seconds = limit.take(address, cost);
  if (seconds === 0) return;
  throw new ProblemError(
    'rate_limited',
    `Too many requests without a valid API key come from your network address. Wait ${seconds} s; requests with a key that is in use are not counted.`,
    { retryAfterSeconds: seconds },
  );
}
