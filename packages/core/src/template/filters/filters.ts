import type { Liquid } from 'liquidjs';
import { filters as standard, toValue } from 'liquidjs';
import type { EngineVersion } from '../syntax/engine-version.ts';
import { dateOf } from './date-input.ts';
import { LIST_FILTERS } from './list-filters.ts';
import { LOCALE_FILTERS, PLURAL_FORMS, styledDate } from './locale-filters.ts';
import { type Filter, NUMBER_FILTERS } from './number-filters.ts';
import { printable, printed } from './printing.ts';
import { strftime } from './strftime.ts';
import type { Zone } from './wall-clock.ts';

const ARITY_1 = {
  abs: [0, 0],
  append: [1, 1],
  at_least: [1, 1],
  at_most: [1, 1],
  capitalize: [0, 0],
  ceil: [0, 0],
  compact: [0, 0],
  date: [0, 2],
  default: [1, 1],
  divided_by: [1, 2],
  downcase: [0, 0],
  first: [0, 0],
  floor: [0, 0],
  join: [0, 1],
  json: [0, 0],
  last: [0, 0],
  lstrip: [0, 1],
  map: [1, 1],
  minus: [1, 1],
  modulo: [1, 1],
  plus: [1, 1],
  prepend: [1, 1],
  remove: [1, 1],
  remove_first: [1, 1],
  replace: [1, 2],
  replace_first: [1, 2],
  reverse: [0, 0],
  round: [0, 1],
  rstrip: [0, 1],
  size: [0, 0],
  slice: [1, 2],
  sort: [0, 1],
  split: [1, 1],
  squish: [0, 0],
  strip: [0, 1],
  strip_html: [0, 0],
  strip_newlines: [0, 0],
  sum: [0, 1],
  times: [1, 1],
  truncate: [0, 2],
  truncatewords: [0, 2],
  uniq: [0, 0],
  upcase: [0, 0],
  url_encode: [0, 0],
  where: [1, 2],
} as const satisfies Record<string, readonly [number, number]>;

/** Filters of every field, with the minimum and maximum number of arguments. Those of the newest engine. */
export const ARITY = {
  ...ARITY_1,
  currency: [1, 2],
  date_time: [0, 2],
  list: [0, 1],
  number: [0, 1],
  percent: [0, 1],
  plural: [0, 0],
  time: [0, 2],
} as const satisfies Record<string, readonly [number, number]>;

/** Filters that make HTML: of html fields only. None takes arguments. */
export const HTML_FILTERS = ['escape', 'newline_to_br'] as const;

export const FILTERS = (Object.keys(ARITY) as (keyof typeof ARITY)[]).sort();

const FILTERS_OF: Readonly<Record<EngineVersion, readonly string[]>> = {
  1: Object.keys(ARITY_1),
  2: FILTERS,
};

/** Arguments by name: all others are refused when a template is saved. */
export const NAMED_ARGUMENTS: Readonly<Record<string, readonly string[]>> = {
  default: ['allow_false'],
  plural: PLURAL_FORMS,
};

const LIQUID_FORMAT = '%A, %B %-e, %Y at %-l:%M %P %z';

const OURS: Readonly<Record<string, Filter>> = {
  ...NUMBER_FILTERS,
  ...LIST_FILTERS,
  date(value, format, zone) {
    const { locale, timeZone, memoryLimit } = this.context;
    const given: unknown = toValue(value);
    memoryLimit.use(DATE_COST);
    const instantMs = dateOf(given, timeZone);
    if (instantMs === null) return given;
    const pattern = printed(toValue(format)) || LIQUID_FORMAT;
    memoryLimit.use(pattern.length);
    const shownIn = zone === undefined ? timeZone : (toValue(zone) as Zone);
    return strftime(pattern, { instantMs, zone: shownIn, locale }, (units) => memoryLimit.use(units));
  },
  /** Safe inside `<script>`: it contains no `<`, `>`, `&` or line separator, and it is the same JSON. */
  json(value) {
    const plain: unknown = toValue(value);
    const text = JSON.stringify(plain ?? null, (_, member: unknown) => {
      this.context.memoryLimit.use(typeof member === 'string' ? 1 + member.length : 1);
      return typeof member === 'string' ? member.toWellFormed() : member;
    });
    return text.replace(/[<>&\u2028\u2029]/g, (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`);
  },
  slice(value, begin, length) {
    const plain: unknown = toValue(value);
    if (typeof plain === 'string') this.context.memoryLimit.use(plain.length / 4);
    return standardFilter('slice').call(this, value, begin, length ?? 1);
  },
  /** An empty separator splits into whole characters. */
  split(value, separator) {
    if (printed(toValue(separator)) !== '') return standardFilter('split').call(this, value, separator);
    const text = printed(toValue(value));
    this.context.memoryLimit.use(text.length);
    return [...text];
  },
  url_encode(value) {
    const text = printed(toValue(value));
    this.context.memoryLimit.use(text.length * 3);
    return encodeURIComponent(text.toWellFormed()).replace(/%20/g, '+');
  },
};

const date1 = OURS.date!;

/** What a later engine does in another way than the first. */
const OURS_2: Readonly<Record<string, Filter>> = {
  ...OURS,
  ...LOCALE_FILTERS,
  /** `short`, `medium`, `long` and `full` are the forms of the locale; anything else is a pattern. */
  date(value, format, zone) {
    const { timeZone, memoryLimit } = this.context;
    const pattern: unknown = toValue(format);
    const instantMs = typeof pattern === 'string' ? dateOf(toValue(value), timeZone) : null;
    if (instantMs === null) return date1.call(this, value, format, zone);
    const shownIn = zone === undefined ? timeZone : (toValue(zone) as Zone);
    const styled = styledDate(this.context, instantMs, pattern as string, shownIn);
    if (styled === null) return date1.call(this, value, format, zone);
    memoryLimit.use(DATE_COST);
    return styled;
  },
};

/** Parsing a date calls the time zone library several times. */
const DATE_COST = 50;

/** Their values may be anything; the other filters receive an object's text, not `[object Object]`. */
const TAKES_OBJECTS: ReadonlySet<string> = new Set([
  ...[
    'compact',
    'default',
    'first',
    'json',
    'last',
    'map',
    'reverse',
    'size',
    'sort',
    'sum',
    'uniq',
    'where',
    'date',
    'date_time',
    'list',
    'number',
    'percent',
    'currency',
    'plural',
    'time',
  ],
]);

/** Replaces LiquidJS' filters by those of ARITY, each of which counts its work. */
export function useFilters(liquid: Liquid, engine: EngineVersion, kind: 'html' | 'text'): void {
  const ours = engine === 1 ? OURS : OURS_2;
  for (const name of Object.keys(liquid.filters)) delete (liquid.filters as Record<string, unknown>)[name];
  for (const name of FILTERS_OF[engine]) {
    const filter: Filter = ours[name] ?? standardFilter(name);
    const isFormat = engine > 1 && (name === 'date' || Object.hasOwn(LOCALE_FILTERS, name));
    setFilter(liquid, name, function (...args) {
      this.context.memoryLimit.use(args.length);
      const [value, ...rest] = TAKES_OBJECTS.has(name) ? args : args.map(printable);
      const made = filter.call(this, value, ...rest);
      return isFormat && typeof made === 'string' ? withPlainSpaces(made, kind) : made;
    });
  }
}

/**
 * Locales group digits and put AM and PM apart with spaces that are not in GSM-7 (they would double the price of an SMS) and that
 * some fonts of mail programs do not have.
 */
function withPlainSpaces(text: string, kind: 'html' | 'text'): string {
  return text.replace(/[\u00a0\u2009\u202f]/g, kind === 'html' ? '\u00a0' : ' ');
}

/** LiquidJS' types do not include FieldContext. */
export function setFilter(liquid: Liquid, name: string, filter: Filter): void {
  (liquid.filters as unknown as Record<string, Filter>)[name] = filter;
}

function standardFilter(name: string): Filter {
  return (standard as unknown as Record<string, Filter>)[name]!;
}
