import { ProblemError } from '@carillon/core/text/problem';
import { inboxKey } from '@carillon/queue/inbox-signals';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import type { RateLimiter } from './rate-limiter.ts';
import { createTokenBuckets } from './token-buckets.ts';

/** Requests per second of one recipient on one process, from all tabs and devices: a page makes a few at once. */
const OF_A_RECIPIENT = 50;

/** Refuses requests of a recipient beyond the limit. Needs `recipient`. */
export function limitRecipients(): MiddlewareHandler<ApiEnv> {
  // Not shared between processes: there may be more recipients than Redis should hear of every second.
  const buckets = createTokenBuckets(OF_A_RECIPIENT);
  return async function limitRecipients(c, next) {
    const seconds = buckets.take(inboxKey(c.get('recipient').owner), 1);
    if (seconds > 0)
      throw new ProblemError(
        'rate_limited',
        `One recipient may make ${OF_A_RECIPIENT} requests per second. Wait ${seconds} s.`,
        { retryAfterSeconds: seconds },
      );
    await next();
  };
}

/** Refuses requests beyond the key's limit with 429; every answer carries the remaining quota. Needs `caller`. */
export function rateLimit(limiter: RateLimiter): MiddlewareHandler<ApiEnv> {
  return async function rateLimit(c, next) {
    const { keyId, holder, ratePerSecond } = c.get('caller');
    const permit = limiter.take(keyId, ratePerSecond);
    const { headers } = c.get('answerHeaders');
    headers['RateLimit-Limit'] = String(ratePerSecond);
    headers['RateLimit-Remaining'] = String(permit.remaining);
    headers['RateLimit-Reset'] = String(permit.resetSeconds);
    if (!permit.allowed) {
      throw new ProblemError(
        'rate_limited',
        `${holder} may make ${ratePerSecond} requests per second. Wait ${permit.retryAfterSeconds} s, or send up to 1000 notifications in one POST /v1/notifications/batch.`,
        { retryAfterSeconds: permit.retryAfterSeconds },
      );
    }
    await next();
  };
}
