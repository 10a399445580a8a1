import type { FieldError } from '@carillon/core/problem';
import { invalid } from './invalid.ts';

const MAX_DEPTH = 32;

/** @throws ProblemError `invalid_request` if PostgreSQL could not hold the value. */
export function assertStorable(value: unknown): void {
  const found = findUnstorable(value);
  if (found) throw invalid([found]);
}

/**
 * The first thing in a JSON value that PostgreSQL could not hold or that we could not walk: NUL and lone surrogates in
 * strings, numbers beyond double precision, nesting deeper than 32. Checked once at the door, because such a value
 * would otherwise fail the whole multi-row statement that it shares with its neighbours.
 */
export function findUnstorable(value: unknown, path = '', depth = 0): FieldError | null {
  if (typeof value === 'string') return badText(value, path);
  if (typeof value === 'number') {
    if (Number.isFinite(value)) return null;
    return { path, message: 'the number is too large; at most 1.8e308. Send it as a string' };
  }
  if (value === null || typeof value !== 'object') return null;
  if (depth >= MAX_DEPTH) {
    return { path, message: `nested deeper than ${MAX_DEPTH} levels; flatten it` };
  }
  if (Array.isArray(value)) {
    for (let index = 0; index < value.length; index++) {
      const member: unknown = value[index];
      if (typeof member === 'boolean') continue;
      const found = findUnstorable(member, path === '' ? String(index) : `${path}.${index}`, depth + 1);
      if (found) return found;
    }
    return null;
  }
  for (const key of Object.keys(value)) {
    const inKey = badText(key, path);
    if (inKey) return { path, message: `a field name has ${inKey.message}` };
    const found = findUnstorableMember((value as Record<string, unknown>)[key], path, key, depth);
    if (found) return found;
  }
  return null;
}

function findUnstorableMember(member: unknown, path: string, key: string, depth: number): FieldError | null {
  // The path is built only for what needs one: this runs over every string of every request.
  if (typeof member === 'string') {
    if (isPlain(member)) return null;
  } else if (typeof member === 'boolean' || member === null) return null;
  return findUnstorable(member, path === '' ? key : `${path}.${key}`, depth + 1);
}

function isPlain(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}

function badText(text: string, path: string): FieldError | null {
  if (isPlain(text)) return null;
  const what = text.includes('\u0000')
    ? 'the character U+0000, which cannot be stored. Remove it'
    : 'half of a surrogate pair, which is not valid Unicode. Send whole characters';
  return { path, message: what };
}
