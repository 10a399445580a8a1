import { CHANNELS, type Channel } from '../notification/channel.ts';
import type { Priority } from '../notification/priority.ts';
import { categoryName } from '../provider/visible-text.ts';

/** What a person wants to receive, and when. */
export interface Preferences {
  /** A channel that is not named is on. */
  channels: Readonly<Record<string, boolean>>;
  /** A category that is not named is as its default. */
  categories: Wishes;
  quiet_hours: QuietHours | null;
  caps: readonly Cap[];
  /** RFC 3339: until then everything but critical messages is held. Null, or a time that has passed: nothing is. */
  paused_until: string | null;
}

/** By category. */
export type Wishes = Readonly<Record<string, CategoryWish>>;

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
export const NO_PREFERENCES: Preferences = {
  channels: {},
  categories: {},
  quiet_hours: null,
  caps: [],
  paused_until: null,
};

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

/** Whether a message is wanted, and the first rule that says so. */
export interface Decision {
  wanted: boolean;
  /** `nothing`: no rule speaks of it, so that it is wanted. */
  by: 'lock' | 'cell' | 'category' | 'channel' | 'default' | 'nothing';
  /** Not wanted by this channel; another one of its route may be. */
  onlyHere: boolean;
}

/**
 * Whether a person wants a message. The first that says something decides: the lock of its category, the cell (its
 * category by its channel), its category, its channel, the default of the category (its own, else that of `*`). What
 * nothing speaks of is wanted.
 *
 * - A critical message (a one-time password, a security alert) was requested or is mandatory: it counts as locked.
 * - What is locked comes whatever was said about its category; a channel that is off stays off for it.
 * - A category that is on says nothing about a channel that is off: "news, but nothing by SMS". Only a cell that is on
 *   makes an exception from a channel that is off: "nothing by SMS, but orders".
 */
export function decide(
  { channels, categories }: Pick<Preferences, 'channels' | 'categories'>,
  message: Wanted,
  rule: CategoryRule = ORDINARY_CATEGORY,
): Decision {
  const { channel, category } = message;
  const wish = category === null ? null : wishFor(categories, category);
  const cell = isByChannel(wish) ? wish[channel] : undefined;
  const isOff = channels[channel] === false && cell !== true;
  const no = (by: Decision['by'], onlyHere: boolean): Decision => ({ wanted: false, by, onlyHere });
  const yes = (by: Decision['by']): Decision => ({ wanted: true, by, onlyHere: false });

  if (isOwed(message) || (rule.locked && category !== null)) return isOff ? no('channel', true) : yes('lock');
  if (cell !== undefined) return cell ? yes('cell') : no('cell', true);
  if (wish === false) return no('category', false);
  if (isOff) return no('channel', true);
  if (wish === true) return yes('category');
  if (category === null || rule.defaultOn) return yes('nothing');
  // With a cell of another channel the person has opted in there.
  return no('default', isByChannel(wish));
}

/** Whether a person gets a category on this channel, as far as the category goes: its channel may be off altogether. */
export function wantsCategoryOn(
  categories: Wishes,
  category: string,
  channel: Channel,
  defaultOn = true,
): boolean {
  const wish = wishFor(categories, category);
  return (isByChannel(wish) ? wish[channel] : wish) ?? defaultOn;
}

/** Whether a person gets a category of which the default is this, on any channel. */
export function wantsCategory(categories: Wishes, category: string, defaultOn = true): boolean {
  return CHANNELS.some((channel) => wantsCategoryOn(categories, category, channel, defaultOn));
}

/**
 * What a person said about a category, in any case; null if nothing. An entry under the canonical form is the latest;
 * rows of earlier versions have other forms, and any opt-out among those counts.
 */
export function wishFor(categories: Wishes, category: string): CategoryWish | null {
  const name = categoryName(category);
  if (Object.hasOwn(categories, name)) {
    const wish = categories[name];
    return isByChannel(wish) ? wish : wish !== false;
  }
  const others = Object.keys(categories).flatMap((key) =>
    categoryName(key) === name ? [categories[key]!] : [],
  );
  if (others.length === 0) return null;
  return !others.includes(false) && (others.find(isByChannel) ?? true);
}

export function isByChannel(wish: CategoryWish | null | undefined): wish is Exclude<CategoryWish, boolean> {
  return typeof wish === 'object' && wish !== null;
}

/** Critical messages ignore category opt-outs, quiet hours and caps; never a channel opt-out or a suppression. */
export function isOwed({ priority }: Pick<Wanted, 'priority'>): boolean {
  return priority === 'critical';
}
