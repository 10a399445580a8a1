/**
 * How many worker processes `npm start` runs. An idle installation needs one for everything. Under load each kind of
 * work has its own: a one-time password must not wait for processor time that a newsletter uses, and a process has one
 * thread, so that a second one lets a backlog use another processor.
 */
export type WorkerLayout = 'single' | 'separate';

export interface LayoutWatch {
  /**
   * @param shares for each worker process, the share of the time since the last look in which its event loop was busy, 0 to 1.
   * @param nowMs of a monotonic clock.
   * @returns the layout that the load asks for.
   */
  look(shares: readonly number[], nowMs: number): WorkerLayout;
}

/** Above it the single process begins to delay what arrives. */
const BUSY_SHARE = 0.5;
/** Longer than the first statements of a started process take. */
const BUSY_FOR_MS = 2_000;
/** All processes together; below it a single one would be far from busy. */
const CALM_SHARE = 0.25;
/** Starting and stopping processes costs more than idle ones do in this time. */
const CALM_FOR_MS = 5 * 60_000;

export function layoutWatch(layout: WorkerLayout): LayoutWatch {
  let current = layout;
  let since: number | null = null;
  return {
    look(shares, nowMs) {
      const busy = shares.reduce((sum, share) => sum + share, 0);
      const [isReason, forMs, other] =
        current === 'single'
          ? ([busy > BUSY_SHARE, BUSY_FOR_MS, 'separate'] as const)
          : ([busy < CALM_SHARE, CALM_FOR_MS, 'single'] as const);
      since = isReason ? (since ?? nowMs) : null;
      if (since !== null && nowMs - since >= forMs) [current, since] = [other, null];
      return current;
    },
  };
}
