/**
 * How urgent a notification is, most urgent first. Every priority has queues, worker slots and a relay loop of its own,
 * so that a one-time password (`critical`) never waits behind a newsletter (`bulk`).
 */
export const PRIORITIES = ['critical', 'normal', 'bulk'] as const;
export type Priority = (typeof PRIORITIES)[number];
