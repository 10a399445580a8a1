/**
 * A notification due within this time becomes a delayed job at once. Later ones wait in PostgreSQL for the promoter, so
 * that a million scheduled sends use no Redis memory and cancelling one is a single UPDATE.
 */
export const HORIZON_MS = 5 * 60_000;
