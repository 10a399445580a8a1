import { show } from '@carillon/core/text/show';
import { z } from '@hono/zod-openapi';
import { invalid } from '../middleware/invalid.ts';

/** The paging of every list: `?cursor=&limit=` in, `{ data, next_cursor }` out. */
export const MAX_LIMIT = 200;
const DEFAULT_LIMIT = 50;

export const pageQuery = {
  cursor: z.string().max(1_024).optional().describe('`next_cursor` of the page before, as it is.'),
  limit: z
    .string()
    .regex(/^[1-9]\d{0,5}$/, `is not a whole number from 1 to ${MAX_LIMIT}`)
    .refine((text) => Number(text) <= MAX_LIMIT, { error: `is too large; at most ${MAX_LIMIT}` })
    .optional()
    .openapi({ type: 'integer', minimum: 1, maximum: MAX_LIMIT, default: DEFAULT_LIMIT }),
};

/** The parts of a position: PostgreSQL's text for a time, and an id. */
export const TIME_AND_ID = [
  /^\d{4,6}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,6})?[+-]\d\d(:\d\d){0,2}$/,
  /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/,
];

/** @param limit checked by `pageQuery`. */
export function limitOf(limit: string | undefined): number {
  return limit === undefined ? DEFAULT_LIMIT : Number(limit);
}

export function pageSchema<Item extends z.ZodType>(item: Item) {
  return z.object({
    data: z.array(item),
    next_cursor: z.string().nullable().describe('For the next page; null on the last one.'),
  });
}

/** Opaque to callers, so that the sort order can change. */
export function toCursor(position: readonly string[]): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/**
 * @param patterns the format of each part: a cursor is untrusted input.
 * @throws ProblemError 422 for anything not made by `toCursor`.
 */
export function fromCursor(cursor: string, patterns: readonly RegExp[]): string[] {
  const refuse = () =>
    invalid([
      { path: 'cursor', message: `${show(cursor)} is not a cursor of this list; pass next_cursor unchanged` },
    ]);
  let parts: unknown;
  try {
    parts = JSON.parse(Buffer.from(cursor, 'base64url').toString());
  } catch {
    throw refuse();
  }
  if (!Array.isArray(parts) || parts.length !== patterns.length) throw refuse();
  if (!patterns.every((pattern, index) => typeof parts[index] === 'string' && pattern.test(parts[index])))
    throw refuse();
  return parts as string[];
}
