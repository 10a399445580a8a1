import type { Channel } from './channel.ts';
import type { Priority } from './priority.ts';

/** What a person wants to get, and when. */
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

/** Of a person who never said anything. */
export const NO_PREFERENCES: Preferences = { channels: {}, categories: {}, quiet_hours: null, caps: [] };

/** What of a message decides whether it is wanted. */
export interface Wanted {
  channel: Channel;
  category: string | null;
  priority: Priority;
}

/**
 * What of a message the person has opted out of: its channel or its category; null if it is wanted.
 *
 * A critical message (a one-time password, a security alert) was asked for or is owed: no category can keep it back. A
 * channel is another thing, "never call me there" holds for everything.
 */
export function optedOut(preferences: Preferences, message: Wanted): 'channel' | 'category' | null {
  const { channel, category } = message;
  if (preferences.channels[channel] === false) return 'channel';
  if (isOwed(message) || category === null) return null;
  return preferences.categories[category] === false ? 'category' : null;
}

/** Critical messages ignore category opt-outs, quiet hours and caps; never a channel opt-out or a suppression. */
export function isOwed({ priority }: Pick<Wanted, 'priority'>): boolean {
  return priority === 'critical';
}
