import { categoryName } from '../provider/visible-text.ts';
import type { Cap, Wanted } from '../recipient/preferences.ts';

/** The most caps of one person. */
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
  return caps.map(inOneForm).filter((cap) => covers(cap, message));
}

/** Caps stored before categories were normalized. */
function inOneForm(cap: Cap): Cap {
  return cap.category === undefined ? cap : { ...cap, category: categoryName(cap.category) };
}

function covers(cap: Cap, message: { channel: string; category: string | null }): boolean {
  return (
    (cap.channel === undefined || cap.channel === message.channel) &&
    (cap.category === undefined ||
      (message.category !== null && cap.category === categoryName(message.category)))
  );
}

/**
 * The first cap that one more notification would exceed; null if it may be sent.
 *
 * @param caps those that limit it.
 * @param uses what the person received so far. The notification's own use does not count: a retry is not a second
 * message.
 */
export function reachedCap(caps: readonly Cap[], uses: Iterable<CapUse>, id: string): Cap | null {
  const others = [...uses].filter((use) => use.notificationId !== id);
  const counted = (cap: Cap): number =>
    others.filter((use) => covers(cap, use) && use.ageMs < cap.window_seconds * 1000).length;
  return caps.find((cap) => counted(cap) >= cap.max) ?? null;
}

/** A readable description of a cap, for the timeline. */
export function describeCap({ max, channel, category, window_seconds }: Cap): string {
  const of = [channel, category && `category ${category}`].filter(Boolean).join(', ');
  return `at most ${max}${of && ` (${of})`} in ${window_seconds} s`;
}
