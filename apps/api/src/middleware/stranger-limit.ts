import { ProblemError } from '@carillon/core/text/problem';
import type { TrustedProxies } from '@carillon/providers/http/client-address';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { clientAddress } from './client-address.ts';
import { createTokenBuckets, type TokenBuckets } from './token-buckets.ts';

/**
 * A rate limit for unauthenticated requests, by client address, in this process' memory. Behind a proxy all of them may
 * share one address; so authenticated requests (a key in use, the receipts of an account in use) are never counted, and
 * the limit is generous.
 */
export interface StrangerLimit extends TokenBuckets {
  /** Proxies whose `X-Forwarded-For` is trusted. */
  trusted: TrustedProxies | undefined;
}

/** The cost of a look-up that only an unauthenticated caller can cause (unknown key, unknown account). */
const LOOK_UP_COST = 10;

/**
 * @param perSecond requests per second and address.
 * @param trusted proxies in front of this process.
 * @param now monotonic milliseconds.
 */
export function createStrangerLimit(
  perSecond: number,
  trusted?: TrustedProxies,
  now?: () => number,
): StrangerLimit {
  return { trusted, ...createTokenBuckets(perSecond, LOOK_UP_COST, now) };
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
