import { CHANNELS, type Channel } from '../notification/channel.ts';
import { categoryName } from '../provider/visible-text.ts';
import { type CategoryWish, isByChannel, type Wishes, wishFor } from './preferences.ts';

/** The categories that the preferences of one person may name. */
export const MAX_CATEGORIES = 200;

/**
 * Reads what an import or a request says about a category: `true` or `false` (in a CSV cell also as text, in any case),
 * or an object of these by channel.
 *
 * @returns the wish, null for an empty cell (nothing is said), or the fault: a text that completes `<field> ...`.
 */
export function readCategoryWish(given: unknown): { wish: CategoryWish | null } | { problem: string } {
  if (given === null || given === undefined || given === '') return { wish: null };
  const whole = readSwitch(given);
  if (whole !== null) return { wish: whole };
  if (typeof given !== 'object' || Array.isArray(given))
    return { problem: `is ${shown(given)}; give true or false, or an object of these by channel` };
  const cells: Partial<Record<Channel, boolean>> = {};
  for (const [channel, value] of Object.entries(given)) {
    if (!isChannel(channel))
      return { problem: `names ${shown(channel)}, which is no channel; give ${CHANNELS.join(', ')}` };
    const cell = readSwitch(value);
    if (cell === null) return { problem: `says ${shown(value)} about ${channel}; give true or false` };
    cells[channel] = cell;
  }
  return { wish: simplest(cells) };
}

/**
 * What is stored of wishes by category: names in their canonical form, each wish in its simplest form. An opt-out in any
 * spelling of a category counts; earlier versions stored the spellings separately.
 */
export function byCategory(categories: Wishes): Record<string, CategoryWish> {
  return Object.fromEntries(
    Object.keys(categories).flatMap((given) => {
      const wish = simplest(wishFor(categories, given));
      return wish === null ? [] : [[categoryName(given), wish]];
    }),
  );
}

/** The first category that is named twice, in two cases; undefined if none is. */
export function namedTwice(given: readonly string[]): string | undefined {
  const names = given.map(categoryName);
  return names.find((each, index) => names.indexOf(each) < index);
}

/** What the form of a page says about one category. */
export interface CellChoices {
  /** By each channel that the page offers; at least one. */
  ticks: Readonly<Partial<Record<Channel, boolean>>>;
  /** What those get who say nothing. */
  defaultOn: boolean;
  /** Channels that are off altogether after this form, and those that were before. */
  off: readonly Channel[];
  wasOff: readonly Channel[];
}

/**
 * What is stored of a category when its cells are chosen on a page. What was said about channels that the page does not
 * offer stays. Ticks that are all the same speak of the whole category, and so also of channels that come later.
 *
 * A cell that is on is an exception from a channel that is off. A tick means one only where one was there before and the
 * channel is not switched off in the same form: so it is stored only where nothing else would switch the cell on.
 *
 * @param before null if nothing was said.
 */
export function chooseCells(
  before: CategoryWish | null,
  { ticks, defaultOn, off, wasOff }: CellChoices,
): CategoryWish {
  const rest = Object.fromEntries(
    CHANNELS.filter((channel) => !(channel in ticks)).flatMap((channel) => {
      const said = isByChannel(before) ? before[channel] : before;
      return said == null ? [] : [[channel, said]];
    }),
  );
  const said = Object.values(ticks);
  const alike = isByChannel(before) ? [...said, ...Object.values(rest)] : said;
  if (alike.every((each) => each === said[0])) return said[0]!;
  const keeps = (channel: Channel, tick: boolean): boolean => {
    if (!tick) return true;
    if (isByChannel(before) && before[channel] === true)
      return !off.includes(channel) || wasOff.includes(channel);
    return !defaultOn && !off.includes(channel);
  };
  const cells = Object.entries({ ...rest, ...ticks }).filter(([channel, tick]) =>
    keeps(channel as Channel, tick),
  );
  // One of them is off, and those are kept: so something is said.
  return Object.fromEntries(cells);
}

/** Null for an object that says nothing. */
function simplest(wish: CategoryWish | null): CategoryWish | null {
  if (!isByChannel(wish)) return wish;
  return CHANNELS.some((channel) => wish[channel] !== undefined) ? wish : null;
}

function readSwitch(given: unknown): boolean | null {
  if (typeof given === 'boolean') return given;
  if (typeof given !== 'string') return null;
  const text = given.trim().toLowerCase();
  return text === 'true' ? true : text === 'false' ? false : null;
}

function isChannel(name: string): name is Channel {
  return (CHANNELS as readonly string[]).includes(name);
}

function shown(given: unknown): string {
  const text = JSON.stringify(given) ?? String(given);
  return text.length > 80 ? `${text.slice(0, 80)}...` : text;
}
