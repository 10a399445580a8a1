/** `closed` lets calls through, `open` none, `half_open` a few on trial. */
export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];
