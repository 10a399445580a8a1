import type { InboxOwner } from '../inbox/message.ts';
import type { KeyRing } from '../notification/envelope.ts';
import { ENVIRONMENTS } from '../notification/environment.ts';
import { readToken, signToken } from './signed-token.ts';

/**
 * The token by which the browser or the app of a recipient reads their inbox and changes their preferences. The
 * customer's server asks for it with its API key; it says whose it is and what it opens, and it ends by itself.
 */
const PREFIX = 'crt_';
const PURPOSE = 'recipient';

/** What a token can open: the inbox, and the preferences. */
export const RECIPIENT_SCOPES = ['inbox', 'preferences'] as const;
export type RecipientScope = (typeof RECIPIENT_SCOPES)[number];

export const MIN_RECIPIENT_TOKEN_SECONDS = 60;
export const MAX_RECIPIENT_TOKEN_SECONDS = 24 * 3600;

export interface RecipientToken {
  owner: InboxOwner;
  scopes: readonly RecipientScope[];
  /** PostgreSQL's time when it was made and when it ends, in ms since the epoch. */
  madeAt: number;
  until: number;
}

export function makeRecipientToken(ring: KeyRing, { owner, scopes, madeAt, until }: RecipientToken): string {
  const { appId, environment, recipientId } = owner;
  const payload = { app: appId, env: environment, id: recipientId, scopes, made: madeAt, until };
  return PREFIX + signToken(ring, PURPOSE, payload);
}

/** @returns null for anything that was not signed for this purpose by a key of the ring. */
export function readRecipientToken(ring: KeyRing, token: string): RecipientToken | null {
  if (!token.startsWith(PREFIX)) return null;
  const payload = readToken(ring, PURPOSE, token.slice(PREFIX.length));
  if (payload === null) return null;
  const { app, env, id, scopes, made, until } = payload;
  const environment = ENVIRONMENTS.find((known) => known === env);
  if (typeof app !== 'string' || environment === undefined || typeof id !== 'string') return null;
  if (!Array.isArray(scopes) || typeof made !== 'number' || typeof until !== 'number') return null;
  return {
    owner: { appId: app, environment, recipientId: id },
    scopes: RECIPIENT_SCOPES.filter((scope) => scopes.includes(scope)),
    madeAt: made,
    until,
  };
}
