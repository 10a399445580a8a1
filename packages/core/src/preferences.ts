import type { Channel } from './channel.ts';

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
