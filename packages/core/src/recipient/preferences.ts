import type { Channel } from '../notification/channel.ts';
import type { Priority } from '../notification/priority.ts';
import { categoryName } from '../provider/visible-text.ts';

/** What a person wants to receive, and when. */
export interface Preferences {
  /** A channel that is not named is on. */
  channels: Readonly<Record<string, boolean>>;
  /** A category that is not named is on. */
  categories: Readonly<Record<string, boolean>>;
  quiet_hours: QuietHours | null;
  caps: readonly Cap[];
}

/** Local times, `HH:MM`; an end before the start lies on the next day. */
export interface QuietHours {
  start: string;
  end: string;
  /** IANA name, e.g. `Africa/Lagos`. */
  time_zone: string;
}

/** At most `max` notifications in any window; of a channel or category only, where one is named. */
export interface Cap {
  channel?: Channel;
  category?: string;
  max: number;
  window_seconds: number;
}

/** Of a person without preferences. */
export const NO_PREFERENCES: Preferences = { channels: {}, categories: {}, quiet_hours: null, caps: [] };

/** The fields of a message that decide whether it is wanted. */
export interface Wanted {
  channel: Channel;
  category: string | null;
  priority: Priority;
}

/**
 * The part of a message that the person has opted out of: its channel or its category; null if it is wanted.
 *
 * A critical message (a one-time password, a security alert) was requested or is mandatory: no category opt-out blocks
 * it. A channel opt-out applies to everything.
 */
export function optedOut(preferences: Preferences, message: Wanted): 'channel' | 'category' | null {
  const { channel, category } = message;
  if (preferences.channels[channel] === false) return 'channel';
  if (isOwed(message) || category === null) return null;
  return wantsCategory(preferences.categories, category) ? null : 'category';
}

/**
 * Whether a person wants a category, in any case. An entry under the canonical form is the latest; rows of earlier
 * versions have other forms, and any opt-out among those counts.
 */
export function wantsCategory(categories: Readonly<Record<string, boolean>>, category: string): boolean {
  const name = categoryName(category);
  if (Object.hasOwn(categories, name)) return categories[name] !== false;
  return !Object.keys(categories).some((key) => categories[key] === false && categoryName(key) === name);
}

/** Critical messages ignore category opt-outs, quiet hours and caps; never a channel opt-out or a suppression. */
export function isOwed({ priority }: Pick<Wanted, 'priority'>): boolean {
  return priority === 'critical';
}
