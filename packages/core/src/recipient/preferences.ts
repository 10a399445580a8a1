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

/** About a category: on every channel, or by channel; a channel that is not named is as the rest decides. */
export type CategoryWish = boolean | Readonly<Partial<Record<Channel, boolean>>>;

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

/** What an app says about a category for everybody. */
export interface CategoryRule {
  /** Whether recipients who said nothing about it get it. */
  defaultOn: boolean;
  /** Nobody can opt out of it. */
  locked: boolean;
}

/** Of a category without settings. */
export const ORDINARY_CATEGORY: CategoryRule = { defaultOn: true, locked: false };

/** The fields of a message that decide whether it is wanted. */
export interface Wanted {
  channel: Channel;
  category: string | null;
  priority: Priority;
}

/**
 * The part of a message that the person does not want: its channel, its category, or a category that one has to opt in
 * to (`default`); null if it is wanted.
 *
 * A critical message (a one-time password, a security alert) was requested or is mandatory: no category opt-out blocks
 * it, nor does one of a locked category. A channel opt-out applies to everything.
 */
export function optedOut(
  preferences: Preferences,
  message: Wanted,
  rule: CategoryRule = ORDINARY_CATEGORY,
): 'channel' | 'category' | 'default' | null {
  const { channel, category } = message;
  if (preferences.channels[channel] === false) return 'channel';
  if (isOwed(message) || category === null || rule.locked) return null;
  const wish = wishFor(preferences.categories, category);
  if (wish === null) return rule.defaultOn ? null : 'default';
  return wish ? null : 'category';
}

/** Whether a person gets a category of which the default is this. */
export function wantsCategory(
  categories: Readonly<Record<string, boolean>>,
  category: string,
  defaultOn = true,
): boolean {
  return wishFor(categories, category) ?? defaultOn;
}

/**
 * What a person said about a category, in any case; null if nothing. An entry under the canonical form is the latest;
 * rows of earlier versions have other forms, and any opt-out among those counts.
 */
function wishFor(categories: Readonly<Record<string, boolean>>, category: string): boolean | null {
  const name = categoryName(category);
  if (Object.hasOwn(categories, name)) return categories[name] !== false;
  const others = Object.keys(categories).filter((key) => categoryName(key) === name);
  if (others.length === 0) return null;
  return others.every((key) => categories[key] !== false);
}

/** Critical messages ignore category opt-outs, quiet hours and caps; never a channel opt-out or a suppression. */
export function isOwed({ priority }: Pick<Wanted, 'priority'>): boolean {
  return priority === 'critical';
}
