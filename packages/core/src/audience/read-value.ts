import { readEmail } from '../recipient/email-address.ts';
import { canonicalPhone, NOT_A_PHONE } from '../recipient/phone-number.ts';
import { show } from '../text/show.ts';
import { FILTER_BOUNDS, type Field, type FilterOp, type FilterValue } from './filter.ts';
import { timeOfText } from './time-text.ts';

/** `at`: which member of a list has the problem. */
type Read<Value> = { value: Value } | { problem: string; at?: number };

/**
 * Reads the value of a condition by the rules of its field and operator.
 *
 * @returns its canonical form, or the problem: a sentence that begins with the value.
 */
export function readValue(field: Field, op: FilterOp, value: unknown): Read<FilterValue | FilterValue[]> {
  if (value === undefined) return { problem: `is missing; give ${expected(field, op)}` };
  if (op !== 'in' && op !== 'not_in') return readOne(field, op, value);
  if (!Array.isArray(value))
    return { problem: `${show(value)} is not a list; give one of 1 to ${FILTER_BOUNDS.values} values` };
  if (value.length === 0 || value.length > FILTER_BOUNDS.values)
    return {
      problem: `has ${value.length} values; give 1 to ${FILTER_BOUNDS.values}${value.length === 0 ? '' : ', or make a list audience of more'}`,
    };
  const values: FilterValue[] = [];
  for (const [at, each] of value.entries()) {
    const read = readOne(field, 'eq', each);
    if ('problem' in read) return { ...read, at };
    values.push(read.value);
  }
  return { value: values };
}

function readOne(field: Field, op: FilterOp, value: unknown): Read<FilterValue> {
  const refuse = (problem = `is not ${expected(field, op)}`) => ({ problem: `${show(value)} ${problem}` });
  if (typeof value === 'string') {
    const problem = textProblem(value);
    if (problem !== null) return refuse(problem);
  }
  if (op === 'within_days') return isDays(value) ? { value } : refuse();
  if (op === 'before' || op === 'after') return readMoment(value) ?? refuse();
  if (field.kind === 'time') return readMoment(value) ?? refuse();
  if (isOrder(op)) return isNumber(value) ? { value } : refuse();
  if (field.kind === 'category') return typeof value === 'boolean' ? { value } : refuse();
  if (op === 'starts_with') return typeof value === 'string' && value !== '' ? { value } : refuse();
  if (field.kind !== 'attribute') {
    if (typeof value !== 'string' || value === '') return refuse();
    return op === 'eq' || op === 'ne' ? readText(field, value) : { value };
  }
  if (op === 'contains' && value === '') return refuse();
  return typeof value === 'string' || typeof value === 'boolean' || isNumber(value) ? { value } : refuse();
}

function readText(field: Field, value: string): Read<FilterValue> {
  if (field.kind === 'email') {
    const read = readEmail(value);
    return 'email' in read ? { value: read.email } : { problem: `${show(value)} ${read.problem}` };
  }
  if (field.kind !== 'phone') return { value };
  const phone = canonicalPhone(value);
  return phone === null ? { problem: `${show(value)} ${NOT_A_PHONE}` } : { value: phone };
}

/** A date or a time, in UTC and with milliseconds; of the years 1 to 9999 there, as PostgreSQL reads them. */
function readMoment(value: unknown): { value: string } | null {
  const ms = typeof value === 'string' ? timeOfText(value) : null;
  if (ms === null) return null;
  const time = new Date(ms).toISOString();
  return /^(?!0000)\d{4}-/.test(time) ? { value: time } : null;
}

function isDays(value: unknown): value is number {
  return Number.isInteger(value) && value !== 0 && Math.abs(value as number) <= FILTER_BOUNDS.days;
}

function isNumber(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}

function isOrder(op: FilterOp): boolean {
  return op === 'lt' || op === 'lte' || op === 'gt' || op === 'gte';
}

/** Why PostgreSQL could not compare a text. */
function textProblem(text: string): string | null {
  if (text.length > FILTER_BOUNDS.text) return `is too long; at most ${FILTER_BOUNDS.text} characters`;
  return text.includes('\0') || !text.isWellFormed()
    ? 'has a character that no stored text can have (NUL, or half a surrogate pair); remove it'
    : null;
}

function expected(field: Field, op: FilterOp): string {
  if (op === 'in' || op === 'not_in') return `a list of 1 to ${FILTER_BOUNDS.values} values`;
  if (op === 'within_days')
    return `a whole number of days: 1 to ${FILTER_BOUNDS.days} for the last days, -1 to -${FILTER_BOUNDS.days} for the next`;
  if (field.kind === 'time' || op === 'before' || op === 'after')
    return 'a date or a time such as 2030-01-31 or 2030-01-31T08:00:00Z';
  if (isOrder(op)) return `a number, which ${op} needs; times are compared by before and after`;
  if (field.kind === 'category') return 'true or false';
  if (op === 'starts_with' || field.kind !== 'attribute') return 'a text of at least one character';
  return 'a text, a number, or true or false; what is not there is found by not_exists';
}
