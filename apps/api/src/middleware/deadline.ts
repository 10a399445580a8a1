import { createDeadlines, DeadlineError, whileHeld } from '@carillon/core/notification/deadline';
import type { Context, MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import { unanswered } from './problem.ts';

/** Longer than storing may take (5 s), so that a batch can still report the outcome of each item. */
const DEADLINE_MS = 5_300;

/**
 * Every request is answered within 6 s, no matter what its route waits for: key look-ups, lists, writes, receipts,
 * links. A request that is not done by then is answered 503 and continues unobserved, so the answer to a write says
 * that it may have been done. Not counted is the time that the caller takes to send its body, and what runs in
 * `outsideDeadline`. A stream is counted until its first byte.
 */
export function requestDeadline(deadlineMs = DEADLINE_MS): MiddlewareHandler<ApiEnv> {
  const deadlines = createDeadlines(deadlineMs);
  return async function requestDeadline(c, next) {
    try {
      await deadlines.run((clock) => {
        c.set('clock', clock);
        return next();
      });
    } catch (error) {
      throw error instanceof DeadlineError ? unanswered(c.req.method, error) : error;
    }
  };
}

/** For work with its own, possibly longer limit: reading the caller's body, a request to a provider. */
export function outsideDeadline<T>(c: Context<ApiEnv>, work: Promise<T>): Promise<T> {
  return whileHeld(c.get('clock'), work);
}
