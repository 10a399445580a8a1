/**
 * Exact decimal numbers: `units / 10 ** scale`. Prices and taxes are decimal, and in binary floating point 0.0725 * 100
 * is 7.249999999999999.
 */
export interface Decimal {
  units: bigint;
  /** Digits behind the point, not negative. */
  scale: number;
}

export const ZERO: Decimal = { units: 0n, scale: 0 };

/** More than any double has before or after its point; bounds the numbers that templates compute. */
const MAX_DIGITS = 400;
const MAX_TEXT_LENGTH = 1_000;
const NUMERAL = /^([+-]?)(\d*)(?:\.(\d*))?(?:e([+-]?\d{1,4}))?$/i;
/** Digits of a quotient that does not terminate; more than a double can distinguish. */
const QUOTIENT_DIGITS = 40;

/**
 * Parses a number or a text with a number as LiquidJS does: any other value counts as 0.
 *
 * @throws RangeError for a number of more than 400 digits.
 */
export function decimalOf(value: unknown): Decimal {
  const text =
    typeof value === 'string' ? value.trim() : String(typeof value === 'number' ? value : Number(value));
  return parse(text) ?? parse(String(Number(text))) ?? ZERO;
}

function parse(text: string): Decimal | null {
  if (text.length > MAX_TEXT_LENGTH) return null;
  const match = NUMERAL.exec(text);
  if (match === null) return null;
  const [, sign, whole = '', fraction = '', exponent = '0'] = match;
  if (whole === '' && fraction === '') return null;
  const units = BigInt(`${sign === '-' ? '-' : ''}${whole}${fraction}`);
  return normalized(units, fraction.length - Number(exponent));
}

/**
 * A number as passed on in templates: a JavaScript number if that prints the same digits, else a text of them. Never in
 * exponential notation, which does not belong on an invoice.
 */
export function plainNumber({ units, scale }: Decimal): number | string {
  const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, '0');
  const point = digits.length - scale;
  const text = `${units < 0n ? '-' : ''}${digits.slice(0, point)}${scale > 0 ? `.${digits.slice(point)}` : ''}`;
  const number = Number(text);
  return String(number) === text ? number : text;
}

export function plus(a: Decimal, b: Decimal): Decimal {
  const [left, right, scale] = aligned(a, b);
  return normalized(left + right, scale);
}

export function minus(a: Decimal, b: Decimal): Decimal {
  return plus(a, { units: -b.units, scale: b.scale });
}

export function times(a: Decimal, b: Decimal): Decimal {
  return normalized(a.units * b.units, a.scale + b.scale);
}

/**
 * The quotient: exact if it terminates within 40 digits after the point, else the nearest double.
 *
 * @throws RangeError for a division by zero.
 */
export function dividedBy(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw new RangeError('divided by 0');
  const digits = QUOTIENT_DIGITS + Math.max(0, b.units.toString().length - a.units.toString().length);
  const numerator = a.units * tenTo(digits + b.scale);
  const denominator = b.units * tenTo(a.scale);
  const quotient = normalized(numerator / denominator, digits);
  if (numerator % denominator === 0n) return quotient;
  return decimalOf(Number(plainNumber(quotient)));
}

/** The remainder with the divisor's sign, as in Liquid. @throws RangeError for a division by zero. */
export function modulo(a: Decimal, b: Decimal): Decimal {
  if (b.units === 0n) throw new RangeError('divided by 0');
  const [left, right, scale] = aligned(a, b);
  return normalized(((left % right) + right) % right, scale);
}

/** @returns -1, 0 or 1. */
export function compare(a: Decimal, b: Decimal): number {
  const [left, right] = aligned(a, b);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The next whole number down. */
export function floor({ units, scale }: Decimal): Decimal {
  const one = tenTo(scale);
  const whole = units / one;
  return { units: units < 0n && whole * one !== units ? whole - 1n : whole, scale: 0 };
}

/** Halves round away from zero. @param digits after the point; negative ones before it. */
export function round({ units, scale }: Decimal, digits = 0): Decimal {
  const dropped = scale - Math.max(-MAX_DIGITS, Math.min(MAX_DIGITS, Math.trunc(digits)));
  if (dropped <= 0) return { units, scale };
  const one = tenTo(dropped);
  const half = one / 2n;
  return normalized((units < 0n ? units - half : units + half) / one, scale - dropped);
}

function aligned(a: Decimal, b: Decimal): [bigint, bigint, number] {
  const scale = Math.max(a.scale, b.scale);
  return [a.units * tenTo(scale - a.scale), b.units * tenTo(scale - b.scale), scale];
}

function normalized(units: bigint, scale: number): Decimal {
  if (units === 0n) return ZERO;
  if (scale < -MAX_DIGITS) throw tooLong();
  let digits = scale < 0 ? units * tenTo(-scale) : units;
  let behind = Math.max(0, scale);
  if (behind > MAX_DIGITS) {
    digits /= tenTo(behind - MAX_DIGITS);
    behind = MAX_DIGITS;
  }
  while (behind > 0 && digits % 10n === 0n) {
    digits /= 10n;
    behind -= 1;
  }
  if (digits.toString().length - behind > MAX_DIGITS) throw tooLong();
  return { units: digits, scale: behind };
}

function tooLong(): RangeError {
  return new RangeError(`a number has more than ${MAX_DIGITS} digits`);
}

function tenTo(exponent: number): bigint {
  return 10n ** BigInt(exponent);
}
