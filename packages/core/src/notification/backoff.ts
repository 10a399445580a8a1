import type { Priority } from './priority.ts';

/** Waits before the 2nd, 3rd ... try, in seconds. One try more than there are waits; after the last, the DLQ. */
export const BACKOFF_SECONDS: Readonly<Record<Priority, readonly number[]>> = {
  critical: [1, 3, 10, 30],
  normal: [30, 120, 600, 1800],
  bulk: [60, 300, 900, 3600],
};

/** Retries of many messages that failed together must be spread out. */
export const JITTER = 0.2;

/**
 * How long to wait before the next try.
 *
 * @param tries tries already made in this cycle, from 1.
 * @param random a number in [0, 1): where in the jitter range the wait falls.
 * @param retryAfterMs what the provider asked for; the wait is never shorter.
 * @returns milliseconds, or null when the tries are used up and the notification is dead.
 */
export function backoffMs(
  priority: Priority,
  tries: number,
  random: number,
  retryAfterMs = 0,
  schedule: readonly number[] = BACKOFF_SECONDS[priority],
): number | null {
  const seconds = schedule[tries - 1];
  if (seconds === undefined) return null;
  const spread = 1 - JITTER + 2 * JITTER * random;
  return Math.max(Math.round(seconds * 1000 * spread), retryAfterMs);
}
