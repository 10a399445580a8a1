import { createDeadlines } from '@carillon/core/notification/deadline';
import type { MiddlewareHandler } from 'hono';
import type { DashboardEnv } from '../deps.ts';

/** Longer than the statement timeout, so that a slow statement reports its own error first. */
const DEADLINE_MS = 5_300;

/**
 * Every page is answered within 6 s, whether PostgreSQL answers or not; with a 503 if not (answer-error.ts). The work
 * continues unobserved.
 */
export function pageDeadline(deadlineMs = DEADLINE_MS): MiddlewareHandler<DashboardEnv> {
  const deadlines = createDeadlines(deadlineMs);
  return async (c, next) => {
    await deadlines.run((clock) => {
      c.set('clock', clock);
      return next();
    });
  };
}
