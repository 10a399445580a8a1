import type { FieldError } from '@carillon/core/text/problem';

const MAX_DEPTH = 32;

/**
 * Members of the objects that were walked. Outside of the walk's return value, because the walk runs over every value
 * of every request.
 */
let walkedMembers = 0;

/** What `findUnstorable` finds, and how many members the objects of the value have; all of them only without a flaw. */
export function checkStorable(value: unknown, path = ''): { flaw: FieldError | null; members: number } {
  walkedMembers = 0;
  const flaw = findUnstorable(value, path);
  return { flaw, members: walkedMembers };
}

/** @returns the problem of a text from a path or query; null if PostgreSQL can store it. */
export function unstorableText(text: string): string | null {
  return badText(text, '')?.message ?? null;
}

/**
 * Finds the first thing in a JSON value that PostgreSQL could not store or that cannot be walked: NUL and lone
 * surrogates in strings, numbers beyond double precision, nesting deeper than 32, and the name `__proto__`, which
 * copies lose. Checked once on input, because such a value would otherwise fail the whole multi-row statement that it
 * shares with other requests.
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
  const keys = Object.keys(value);
  walkedMembers += keys.length;
  for (const key of keys) {
    if (key === '__proto__') {
      return {
        path: path === '' ? key : `${path}.${key}`,
        message: 'is a name that cannot be kept; choose another',
      };
    }
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
