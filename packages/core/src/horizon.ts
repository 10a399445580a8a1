/**
 * How far ahead a scheduled notification may be to become a delayed job at once. Farther ones wait in PostgreSQL for
 * the promoter, so that a million scheduled sends cost Redis nothing and cancelling one is a single UPDATE.
 */
export const HORIZON_MS = 5 * 60_000;
