import type { KeyRing } from '../notification/envelope.ts';
import { readToken, signToken } from './signed-token.ts';

/**
 * The token by which the dashboard speaks to the API for a person: it names the session and nothing else, so that what
 * the person may do is read from the database with each request.
 */
const PREFIX = 'cst_';
const PURPOSE = 'staff';
/** A token that was copied somewhere is worth nothing after this; the dashboard makes another in time. */
export const STAFF_TOKEN_MS = 60_000;

/** @param now PostgreSQL's time, in ms since the epoch. */
export function makeStaffToken(ring: KeyRing, sessionId: string, now: number): string {
  return PREFIX + signToken(ring, PURPOSE, { session: sessionId, until: now + STAFF_TOKEN_MS });
}

export const isStaffToken = (token: string): boolean => token.startsWith(PREFIX);

/** @returns null for anything that was not signed by a key of the ring. */
export function readStaffToken(ring: KeyRing, token: string): { sessionId: string; until: number } | null {
  const payload = readToken(ring, PURPOSE, token.slice(PREFIX.length));
  if (payload === null || typeof payload['session'] !== 'string' || typeof payload['until'] !== 'number')
    return null;
  return { sessionId: payload['session'], until: payload['until'] };
}
