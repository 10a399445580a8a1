import { requestHash } from '../notification/request-hash.ts';

/**
 * The `ETag` of a JSON answer: changes whenever the answer does, and returns when an earlier content returns. Computed
 * from the content, so that it needs no column and is equal in every process.
 */
export function entityTag(view: unknown): string {
  return `"${requestHash(view).toString('hex').slice(0, 32)}"`;
}

/** A condition of `If-Match`: any of these tags, or that there is anything at all. */
export type IfMatch = readonly string[] | '*';

const TAG = /^\s*(?:W\/)?("[\x21\x23-\x7e\x80-\xff]*")\s*$/;

/**
 * Reads an `If-Match` header. Weak tags count as strong ones: proxies that compress answers make tags weak, and these
 * tags depend only on the content.
 *
 * @returns null for a header that is not one.
 */
export function readIfMatch(header: string): IfMatch | null {
  if (header.trim() === '*') return '*';
  const tags = header.split(',').map((part) => TAG.exec(part)?.[1]);
  return tags.every((tag) => tag !== undefined) ? tags : null;
}

/** @param current the tag of what is there now; null if nothing is. */
export function isMatch(condition: IfMatch, current: string | null): boolean {
  if (current === null) return false;
  return condition === '*' || condition.includes(current);
}
