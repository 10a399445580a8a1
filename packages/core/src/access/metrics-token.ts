import { hash, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';

/** The setting of every program that serves GET /metrics. */
export function metricsToken() {
  return z
    .string()
    .min(16, 'must have at least 16 characters')
    .optional()
    .describe(
      'bearer token for GET /metrics. Without it, /metrics is open in development and closed in production.',
    )
    .meta({ secret: true });
}

/**
 * @param authorization the header of the request.
 * @returns whether the request may read the metrics; the comparison takes constant time.
 */
export function mayReadMetrics(
  config: { METRICS_TOKEN?: string | undefined; NODE_ENV: string },
  authorization: string | undefined,
): boolean {
  const { METRICS_TOKEN: token, NODE_ENV } = config;
  if (token === undefined) return NODE_ENV !== 'production';
  if (authorization === undefined) return false;
  const digest = (text: string) => hash('sha256', text, 'buffer');
  return timingSafeEqual(digest(authorization), digest(`Bearer ${token}`));
}
