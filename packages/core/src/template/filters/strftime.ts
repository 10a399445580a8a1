import { wallOf, type Zone } from './wall-clock.ts';

/** One instant to be printed. */
export interface Shown {
  instantMs: number;
  zone: Zone;
  /** BCP 47: names of months and days, and what `%c`, `%x`, `%X` look like. */
  locale: string;
}

interface Moment extends Shown {
  /** Its UTC getters return local wall-clock time. */
  wall: Date;
  /** Whether the same text has a day of the month: many languages inflect the month's name next to it. */
  withDay: boolean;
}

const CONVERSION = /%([-_0^#:]+)?(\d+)?([EO])?(.)/g;

/**
 * Prints a date by the conversions of Ruby's `strftime`, which Liquid uses.
 *
 * @param use receives the length of padding before it is created.
 */
export function strftime(format: string, shown: Shown, use: (units: number) => void): string {
  const wall = new Date(wallOf(shown.instantMs, shown.zone));
  const moment: Moment = { ...shown, wall, withDay: /%[-_0]*[de]/.test(format) };
  return format.replace(
    CONVERSION,
    (whole: string, flags = '', width: string | undefined, modifier: string | undefined, name: string) => {
      const conversion = CONVERSIONS[name];
      if (conversion === undefined) return whole;
      const made = String(conversion.print(moment, { flags, width: Number(width ?? 0), modifier }));
      return padded(cased(made, flags), conversion, flags, width, use);
    },
  );
}

function cased(text: string, flags: string): string {
  if (flags.includes('^')) return text.toUpperCase();
  if (!flags.includes('#')) return text;
  return /[a-z]/.test(text) ? text.toUpperCase() : text.toLowerCase();
}

function padded(
  text: string,
  { width: ownWidth = 0, pad = '0' }: Conversion,
  flags: string,
  given: string | undefined,
  use: (units: number) => void,
): string {
  const width = flags.includes('-') ? 0 : Number(given ?? 0) || ownWidth;
  use(width - text.length);
  const filler = flags.includes('_') ? ' ' : flags.includes('0') ? '0' : pad;
  if (filler === '0' && text.startsWith('-')) return `-${text.slice(1).padStart(width - 1, '0')}`;
  return text.padStart(width, filler);
}

interface Asked {
  flags: string;
  width: number;
  modifier: string | undefined;
}
interface Conversion {
  print(moment: Moment, asked: Asked): string | number;
  width?: number;
  pad?: '0' | ' ';
}

const hour12 = ({ wall }: Moment): number => wall.getUTCHours() % 12 || 12;
const CONVERSIONS: Readonly<Record<string, Conversion>> = {
  a: { print: (m) => named(m, { weekday: 'short' }), pad: ' ' },
  A: { print: (m) => named(m, { weekday: 'long' }), pad: ' ' },
  b: { print: (m, asked) => monthOf(m, 'short', asked), pad: ' ' },
  h: { print: (m, asked) => monthOf(m, 'short', asked), pad: ' ' },
  B: { print: (m, asked) => monthOf(m, 'long', asked), pad: ' ' },
  c: { print: (m) => named(m, { ...DAY, ...TIME }), pad: ' ' },
  C: { print: ({ wall }) => Math.floor(wall.getUTCFullYear() / 100), width: 2 },
  d: { print: ({ wall }) => wall.getUTCDate(), width: 2 },
  e: { print: ({ wall }) => wall.getUTCDate(), width: 2, pad: ' ' },
  H: { print: ({ wall }) => wall.getUTCHours(), width: 2 },
  I: { print: hour12, width: 2 },
  j: { print: ({ wall }) => dayOfYear(wall), width: 3 },
  k: { print: ({ wall }) => wall.getUTCHours(), width: 2, pad: ' ' },
  l: { print: hour12, width: 2, pad: ' ' },
  L: { print: ({ wall }) => wall.getUTCMilliseconds(), width: 3 },
  m: { print: ({ wall }) => wall.getUTCMonth() + 1, width: 2 },
  M: { print: ({ wall }) => wall.getUTCMinutes(), width: 2 },
  N: { print: ({ wall }, { width }) => fraction(wall, width) },
  p: { print: ({ wall }) => (wall.getUTCHours() < 12 ? 'AM' : 'PM'), pad: ' ' },
  P: { print: ({ wall }) => (wall.getUTCHours() < 12 ? 'am' : 'pm'), pad: ' ' },
  q: { print: ({ wall }) => ordinal(wall.getUTCDate()) },
  s: { print: ({ instantMs }) => Math.floor(instantMs / 1000) },
  S: { print: ({ wall }) => wall.getUTCSeconds(), width: 2 },
  u: { print: ({ wall }) => wall.getUTCDay() || 7 },
  U: { print: ({ wall }) => weekOfYear(wall, 0), width: 2 },
  w: { print: ({ wall }) => wall.getUTCDay() },
  W: { print: ({ wall }) => weekOfYear(wall, 1), width: 2 },
  x: { print: (m) => named(m, DAY) },
  X: { print: (m) => named(m, TIME) },
  y: { print: ({ wall }) => ((wall.getUTCFullYear() % 100) + 100) % 100, width: 2 },
  Y: { print: ({ wall }) => wall.getUTCFullYear(), width: 4 },
  z: { print: (m, { flags }) => offset(m, flags) },
  Z: { print: (m, { flags }) => (typeof m.zone === 'string' ? m.zone : offset(m, flags)) },
  t: { print: () => '\t' },
  n: { print: () => '\n' },
  '%': { print: () => '%' },
};

const DAY = { year: 'numeric', month: 'numeric', day: 'numeric' } as const;
const TIME = { hour: 'numeric', minute: '2-digit', second: '2-digit' } as const;

function monthOf(moment: Moment, month: 'short' | 'long', { modifier }: Asked): string {
  if (!moment.withDay || modifier === 'O') return named(moment, { month });
  const parts = formatOf(moment.locale, { month, day: 'numeric' }).formatToParts(moment.wall);
  const name = parts.find(({ type }) => type === 'month')?.value;
  // If a language writes the month as a number next to a day, its name is used nevertheless.
  return name === undefined || /^\d+$/.test(name) ? named(moment, { month }) : name;
}

function named({ locale, wall }: Moment, options: Intl.DateTimeFormatOptions): string {
  return formatOf(locale, options).format(wall);
}

const formats = new Map<string, Intl.DateTimeFormat>();
const MAX_FORMATS = 1_000;

function formatOf(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  const known = formats.get(key);
  if (known) return known;
  const format = new Intl.DateTimeFormat(locale, { ...options, timeZone: 'UTC' });
  if (formats.size >= MAX_FORMATS) formats.clear();
  formats.set(key, format);
  return format;
}

function offset({ wall, instantMs }: Moment, flags: string): string {
  const minutes = Math.round((wall.getTime() - instantMs) / 60_000);
  const [hours, rest] = [Math.floor(Math.abs(minutes) / 60), Math.abs(minutes) % 60];
  const two = (n: number): string => String(n).padStart(2, '0');
  return `${minutes < 0 ? '-' : '+'}${two(hours)}${flags.includes(':') ? ':' : ''}${two(rest)}`;
}

const MAX_FRACTION_DIGITS = 30;

function fraction(wall: Date, width: number): string {
  const digits = String(wall.getUTCMilliseconds()).padStart(3, '0');
  const places = Math.min(width || 9, MAX_FRACTION_DIGITS);
  return digits.padEnd(places, '0').slice(0, places);
}

function dayOfYear(wall: Date): number {
  const newYear = new Date(wall);
  newYear.setUTCMonth(0, 1);
  return Math.round((wall.getTime() - newYear.getTime()) / 86_400_000) + 1;
}

/** Days before the first `firstDay` of the year belong to week 0. */
function weekOfYear(wall: Date, firstDay: 0 | 1): number {
  const since = (wall.getUTCDay() - firstDay + 7) % 7;
  return Math.floor((dayOfYear(wall) - 1 - since + 7) / 7);
}

function ordinal(day: number): string {
  if (day >= 11 && day <= 13) return 'th';
  return ['th', 'st', 'nd', 'rd'][day % 10] ?? 'th';
}
