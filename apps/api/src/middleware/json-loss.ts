/**
 * Finds what `JSON.parse` loses silently: digits of numbers that a double cannot hold, and all but the last of
 * duplicate names in one object (RFC 7493, 2.2 and 2.3). A cheap scan of every body says whether there can be any loss;
 * only then the exact scan runs. Both need text that `JSON.parse` accepts.
 */

const QUOTE = 34;
const BACKSLASH = 92;
const COLON = 58;
/** The shortest number that can lose something is `1e309`. */
const SHORTEST_GAP = 5;
/** A double holds every number with at most this many digits. */
const SAFE_DIGITS = 15;

export interface JsonScan {
  /** Members of all objects as written: more than the parsed value has if a name occurs twice. */
  members: number;
  /** Whether a number may have lost something. */
  hasDoubtfulNumber: boolean;
}

/** Skips from string to string, so that it costs a fraction of parsing. */
export function scanJson(text: string): JsonScan {
  let members = 0;
  let hasDoubtfulNumber = false;
  let from = 0;
  for (;;) {
    const open = text.indexOf('"', from);
    const to = open === -1 ? text.length : open;
    if (to - from >= SHORTEST_GAP && !hasDoubtfulNumber) hasDoubtfulNumber = isDoubtful(text, from, to);
    if (open === -1) return { members, hasDoubtfulNumber };
    from = endOfString(text, open);
    if (text.charCodeAt(skipSpace(text, from)) === COLON) members++;
  }
}

/** Whether the text between two strings has a number of many digits or with an exponent. */
function isDoubtful(text: string, from: number, to: number): boolean {
  let digits = 0;
  for (let at = from; at < to; at++) {
    const code = text.charCodeAt(at);
    if (code >= 48 && code <= 57) {
      if (++digits > SAFE_DIGITS) return true;
    } else if (digits > 0 && (code === 69 || code === 101)) return true;
    else if (code !== 46) digits = 0;
  }
  return false;
}

/** @returns the position after the closing quote of the string that begins at `open`. */
function endOfString(text: string, open: number): number {
  let close = text.indexOf('"', open + 1);
  while (text.charCodeAt(close - 1) === BACKSLASH && isEscaped(text, close))
    close = text.indexOf('"', close + 1);
  return close + 1;
}

function isEscaped(text: string, quote: number): boolean {
  let first = quote;
  while (text.charCodeAt(first - 1) === BACKSLASH) first--;
  return (quote - first) % 2 === 1;
}

function skipSpace(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code === 32 || (code >= 9 && code <= 13); code = text.charCodeAt(at))
    at++;
  return at;
}

/** The position of the walk: the member of this name, or this index. */
interface Level {
  step: string | number;
  /** Of an object; null of a list. */
  names: Set<string> | null;
}

export interface Loss {
  /** From the top: names and indices. */
  steps: readonly (string | number)[];
  /** Completes a sentence about the field, as every FieldError does. */
  message: string;
}

const NUMBER = /-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/y;

/**
 * Walks the whole text and reports every loss, in order.
 *
 * @param report receives the path so far as a live view (copy it to keep it) and the message; returning false ends the
 *   walk.
 */
export function walkLosses(
  text: string,
  report: (levels: readonly Readonly<Level>[], message: string) => boolean,
): void {
  const levels: Level[] = [];
  let at = 0;
  while (at < text.length) {
    const code = text.charCodeAt(at);
    const level = levels.at(-1);
    if (code === QUOTE) {
      const end = endOfString(text, at);
      if (level?.names && text.charCodeAt(skipSpace(text, end)) === COLON) {
        const name = JSON.parse(text.slice(at, end)) as string;
        level.step = name;
        const message = 'is given more than once in the same object; give each name once';
        if (level.names.has(name) && !report(levels, message)) return;
        level.names.add(name);
      }
      at = end;
      continue;
    }
    if (code === 45 || (code >= 48 && code <= 57)) {
      NUMBER.lastIndex = at;
      const source = NUMBER.exec(text)![0];
      if (!isExact(source) && !report(levels, lostNumber(source))) return;
      at += source.length;
      continue;
    }
    if (code === 123) levels.push({ step: '', names: new Set() });
    else if (code === 91) levels.push({ step: 0, names: null });
    else if (code === 125 || code === 93) levels.pop();
    else if (code === 44 && typeof level?.step === 'number') level.step++;
    at++;
  }
}

/** @param limit the maximum number to return. */
export function findLosses(text: string, limit: number): Loss[] {
  const losses: Loss[] = [];
  walkLosses(text, (levels, message) => {
    losses.push({ steps: levels.map(({ step }) => step), message });
    return losses.length < limit;
  });
  return losses;
}

/**
 * Whether a double holds exactly what was written. Whole numbers must be within 2^53, where each has its own double: of
 * larger ids, some would pass and some not. For others the value counts, not its notation: 1.0, 1.10, 1e2 and -0 are
 * fine.
 */
export function isExact(source: string): boolean {
  const value = Number(source);
  if (/^-?\d+$/.test(source)) return Number.isSafeInteger(value);
  return Number.isFinite(value) && decimalOf(source) === decimalOf(String(value));
}

/** One canonical text per value: sign, digits without leading and trailing zeros, and the power of ten. */
function decimalOf(source: string): string {
  const [mantissa = '', exponent = '0'] = source.toLowerCase().split('e');
  const sign = mantissa.startsWith('-') ? '-' : '';
  const [whole = '', fraction = ''] = mantissa.slice(sign.length).split('.');
  const digits = whole + fraction;
  let [first, end] = [0, digits.length];
  while (digits.charCodeAt(first) === 48) first++;
  while (end > first && digits.charCodeAt(end - 1) === 48) end--;
  if (first === end) return '0';
  return `${sign}${digits.slice(first, end)}e${Number(exponent) - fraction.length + digits.length - end}`;
}

function lostNumber(source: string): string {
  const shown = source.length > 40 ? `${source.slice(0, 37)}...` : source;
  const value = Number(source);
  const becomes = Number.isFinite(value) ? `would become ${value}` : 'is beyond the range of a JSON number';
  return `${shown} ${becomes}, because JSON numbers are read as doubles (RFC 7493); send it as a string`;
}
