import { z } from 'zod';

/** Order, weight and rate of an account: the same limits for the file, the API, the dashboard and the table. */
export const ROUTING_SETTINGS = {
  /** Lower is tried first. */
  order: z.int('must be a whole number').min(0, 'must be 0 or more').max(1000, 'must be 1000 at most'),
  /** Accounts of the same order share their traffic by weight. */
  weight: z.int('must be a whole number').min(1, 'must be 1 or more').max(1000, 'must be 1000 at most'),
  /** Messages per second over all workers. */
  ratePerSecond: z.number('must be a number').gt(0, 'must be above 0').max(100_000, 'must be 100000 at most'),
} as const;
