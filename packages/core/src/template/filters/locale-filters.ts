import { toValue } from 'liquidjs';
import { LRUCache } from 'lru-cache';
import type { FieldContext } from '../syntax/field-context.ts';
import { dateOf } from './date-input.ts';
import { decimalOf, plainNumber } from './decimal.ts';
import type { Filter } from './number-filters.ts';
import { printed } from './printing.ts';
import type { Zone } from './wall-clock.ts';

/** How long a date or time is written; each locale has its own form of each. */
export const STYLES = ['short', 'medium', 'long', 'full'] as const;
export type Style = (typeof STYLES)[number];

export const LIST_KINDS = ['and', 'or'] as const;
export const PLURAL_FORMS = ['zero', 'one', 'two', 'few', 'many', 'other'] as const;

/** Of engine 2: values as people write them in the person's locale and time zone. */
export const LOCALE_FILTERS: Readonly<Record<string, Filter>> = {
  number(value, digits) {
    return numeral(this.context, value, fractionOf(digits));
  },
  percent(value, digits) {
    return numeral(this.context, value, { style: 'percent', ...fractionOf(digits) });
  },
  currency(value, code, digits) {
    const currency = printed(toValue(code)).trim().toUpperCase();
    if (!isCurrency(currency))
      throw new Error(
        `${JSON.stringify(currency.slice(0, 16))} is no currency: give an ISO 4217 code such as "EUR"`,
      );
    return numeral(this.context, value, { style: 'currency', currency, ...fractionOf(digits) });
  },
  time(value, style, zone) {
    const timeStyle = styleOf(style, 'short');
    return moment(this.context, value, { timeStyle }, zone);
  },
  date_time(value, style, zone) {
    const dateStyle = styleOf(style, 'medium');
    return moment(this.context, value, { dateStyle, timeStyle: 'short' }, zone);
  },
  /** In the language of the text, for its words are written there. */
  plural(value, ...forms) {
    const { locale, memoryLimit } = this.context;
    memoryLimit.use(FORMAT_COST);
    const byName = Object.fromEntries(forms as [string, unknown][]);
    const plain: unknown = toValue(value);
    const given = Array.isArray(plain) ? plain.length : numberOf(plain);
    const count = given === null ? null : Number(given);
    if (count === 0 && byName.zero !== undefined) return byName.zero;
    const form = count === null ? 'other' : pluralRules(locale).select(count);
    return byName[form] ?? byName.other;
  },
  list(value, kind) {
    const { formatLocale, memoryLimit } = this.context;
    const plain: unknown = toValue(value);
    if (!Array.isArray(plain)) return plain;
    const texts = plain.map((item: unknown) => printed(item, () => memoryLimit.use(1)));
    memoryLimit.use(FORMAT_COST + texts.reduce((sum, text) => sum + 1 + text.length, 0));
    const type = (printed(toValue(kind)) || 'and') === 'or' ? 'disjunction' : 'conjunction';
    const format = known(`list ${formatLocale} ${type}`, () => new Intl.ListFormat(formatLocale, { type }));
    return format.format(texts);
  },
};

/** @returns the date in the form of its locale; null if the pattern is none of the styles. */
export function styledDate(
  context: FieldContext,
  instantMs: number,
  pattern: string,
  zone: Zone,
): string | null {
  if (!isStyle(pattern)) return null;
  return dateFormat(context.formatLocale, { dateStyle: pattern }, zone).format(instantMs);
}

export function isStyle(text: string): text is Style {
  return (STYLES as readonly string[]).includes(text);
}

/** Whether it has the form of a currency code; one that nobody issues is printed as it is. */
export function isCurrency(code: string): boolean {
  return /^[A-Z]{3}$/.test(code);
}

/** Finding a format and filling it takes some microseconds. */
const FORMAT_COST = 50;
const MAX_FRACTION_DIGITS = 20;

function numeral(context: FieldContext, value: unknown, options: Intl.NumberFormatOptions): unknown {
  context.memoryLimit.use(FORMAT_COST);
  const plain: unknown = toValue(value);
  const number = numberOf(plain);
  if (number === null) return plain;
  const { formatLocale: locale } = context;
  const format = known(`number ${locale} ${JSON.stringify(options)}`, () =>
    Intl.NumberFormat(locale, options),
  );
  // A text keeps all its digits; the types do not know yet that it may be one.
  return format.format(number as number);
}

/** A number, or a text of its digits; null for what is none, which is printed as it is. */
function numberOf(value: unknown): number | string | null {
  if (typeof value === 'number') return Number.isFinite(value) ? value : null;
  if (typeof value !== 'string' || value.trim() === '' || !Number.isFinite(Number(value))) return null;
  return plainNumber(decimalOf(value));
}

function fractionOf(digits: unknown): Intl.NumberFormatOptions {
  const wanted: unknown = toValue(digits);
  if (wanted === undefined || wanted === null) return {};
  const count = Math.min(MAX_FRACTION_DIGITS, Math.max(0, Math.trunc(Number(wanted) || 0)));
  return { minimumFractionDigits: count, maximumFractionDigits: count };
}

function styleOf(style: unknown, fallback: Style): Style {
  const text = printed(toValue(style)) || fallback;
  if (isStyle(text)) return text;
  throw new Error(
    `${JSON.stringify(text.slice(0, 32))} is no style of a time: give one of ${STYLES.join(', ')}`,
  );
}

function moment(
  context: FieldContext,
  value: unknown,
  style: Pick<Intl.DateTimeFormatOptions, 'dateStyle' | 'timeStyle'>,
  zone: unknown,
): unknown {
  const { timeZone, formatLocale, memoryLimit } = context;
  memoryLimit.use(FORMAT_COST * 2);
  const plain: unknown = toValue(value);
  const instantMs = dateOf(plain, timeZone);
  if (instantMs === null) return plain;
  const shownIn = zone === undefined ? timeZone : (toValue(zone) as Zone);
  return dateFormat(formatLocale, style, shownIn).format(instantMs);
}

function dateFormat(locale: string, style: Intl.DateTimeFormatOptions, zone: Zone): Intl.DateTimeFormat {
  const timeZone = typeof zone === 'number' ? offsetOf(zone) : zone;
  return known(
    `date ${locale} ${timeZone} ${style.dateStyle} ${style.timeStyle}`,
    () => new Intl.DateTimeFormat(locale, { ...style, timeZone }),
  );
}

/** @param minutes that UTC is ahead of the zone. */
function offsetOf(minutes: number): string {
  const ahead = Math.abs(Math.trunc(minutes));
  const [hours, rest] = [Math.floor(ahead / 60), ahead % 60].map((part) => String(part).padStart(2, '0'));
  return `${minutes > 0 ? '-' : '+'}${hours}:${rest}`;
}

function pluralRules(locale: string): Intl.PluralRules {
  return known(`plural ${locale}`, () => new Intl.PluralRules(locale));
}

/** Making one takes a hundred times as long as using it. */
const formats = new LRUCache<string, object>({ max: 500 });

function known<T extends object>(name: string, make: () => T): T {
  const found = formats.get(name) as T | undefined;
  if (found !== undefined) return found;
  const made = make();
  formats.set(name, made);
  return made;
}
