import type { Cap, Wanted } from './preferences.ts';

/** Caps of one person at most. */
export const MAX_CAPS = 20;
/** The largest `max` of a cap. */
export const MAX_CAP_COUNT = 1000;
/** The longest window of a cap: 31 days. Uses are kept at least this long. */
export const MAX_CAP_WINDOW_SECONDS = 31 * 24 * 60 * 60;

/** A notification that counts against a person's caps. */
export interface CapUse {
  notificationId: string;
  channel: string;
  category: string | null;
  /** How long ago it was counted, in milliseconds. */
  ageMs: number;
}

/** The caps that limit a message: those that name its channel and its category, or none. */
export function capsOn(caps: readonly Cap[], message: Pick<Wanted, 'channel' | 'category'>): Cap[] {
  return caps.filter((cap) => covers(cap, message));
}

function covers(cap: Cap, message: { channel: string; category: string | null }): boolean {
  return (
    (cap.channel === undefined || cap.channel === message.channel) &&
    (cap.category === undefined || cap.category === message.category)
  );
}

/**
 * The first cap that one more notification would break; null if it may go.
 *
 * @param caps those that limit it.
 * @param uses what the person got so far. One of the notification's own does not count: a retry is not a second message.
 */
export function reachedCap(caps: readonly Cap[], uses: Iterable<CapUse>, id: string): Cap | null {
  const others = [...uses].filter((use) => use.notificationId !== id);
  const counted = (cap: Cap): number =>
    others.filter((use) => covers(cap, use) && use.ageMs < cap.window_seconds * 1000).length;
  return caps.find((cap) => counted(cap) >= cap.max) ?? null;
}

/** A cap in words, for the timeline. */
export function describeCap({ max, channel, category, window_seconds }: Cap): string {
  const of = [channel, category && `category ${category}`].filter(Boolean).join(', ');
  return `at most ${max}${of && ` (${of})`} in ${window_seconds} s`;
}
