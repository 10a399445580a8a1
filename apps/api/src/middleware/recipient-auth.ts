import {
  type RecipientScope,
  type RecipientToken,
  readRecipientToken,
} from '@carillon/core/access/recipient-token';
import type { InboxOwner } from '@carillon/core/inbox/message';
import type { KeyRing } from '@carillon/core/notification/envelope';
import { ageMs, type DatabaseClock, type Moment, momentNow } from '@carillon/core/program/database-clock';
import { ProblemError } from '@carillon/core/text/problem';
import { findInboxRecipient, type InboxRecipient } from '@carillon/db/inbox/recipient';
import { inboxKey } from '@carillon/queue/inbox-signals';
import type { MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import type { ApiEnv } from '../deps.ts';
import { isOwnOrigin } from './cors.ts';
import { assertWithin, type StrangerLimit } from './stranger-limit.ts';

/** A token of an erased recipient, or an origin that was taken away, works at most this much longer. */
const FRESH_MS = 4_000;
const MAX_RECIPIENTS = 20_000;
/** What a refused token costs its network address: as much as a key that does not exist. */
const REFUSED_COST = 10;

/**
 * Authenticates recipients by their tokens, and refuses web pages of origins that the app does not list: sets
 * `recipient`. One answer for every token that is not good, so that it tells nothing about recipients.
 *
 * @param clock PostgreSQL's time, by which tokens end.
 * @param now the clock that ages are measured by.
 */
export function authenticateRecipient(
  sql: Sql,
  ring: KeyRing,
  clock: Pick<DatabaseClock, 'now' | 'observe'>,
  strangers: StrangerLimit,
  now: () => Moment = momentNow,
): MiddlewareHandler<ApiEnv> {
  const known = new LRUCache<string, { recipient: Promise<InboxRecipient | null>; at: Moment }>({
    max: MAX_RECIPIENTS,
  });

  const find = (owner: InboxOwner): Promise<InboxRecipient | null> => {
    const key = inboxKey(owner);
    const entry = known.get(key);
    if (entry && ageMs(entry.at, now()) <= FRESH_MS) return entry.recipient;
    const sentAt = performance.now();
    const recipient = findInboxRecipient(sql, owner).then((found) => {
      if (found) clock.observe(sentAt, found.now);
      // They may be added in the next moment, with a token made right away.
      else known.delete(key);
      return found;
    });
    known.set(key, { recipient, at: now() });
    recipient.catch(() => known.delete(key));
    return recipient;
  };

  /** The recipient behind a token; null for one that is not good. */
  const ownerOf = async (token: RecipientToken | null): Promise<InboxRecipient | null> => {
    if (token === null) return null;
    const recipient = await find(token.owner);
    // An id that was erased and added again is another person.
    if (recipient === null || recipient.createdAt.getTime() > token.madeAt) return null;
    return token.until > clock.now() ? recipient : null;
  };

  return async function authenticateRecipient(c, next) {
    const given = /^Bearer +(\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? tokenInQuery(c);
    const token = given === undefined ? null : readRecipientToken(ring, given);
    const recipient = await ownerOf(token);
    if (token === null || recipient === null) {
      assertWithin(strangers, c, REFUSED_COST);
      throw refused();
    }
    const origin = c.req.header('origin');
    if (origin !== undefined && !isOwnOrigin(c, origin) && !recipient.allowedOrigins.includes(origin)) {
      throw new ProblemError(
        'forbidden',
        `Web pages of ${JSON.stringify(origin.slice(0, 200))} may not use tokens of this app. Add the origin to its allowed_origins: PATCH /v1/apps/{id}.`,
      );
    }
    c.set('recipient', {
      owner: token.owner,
      scopes: token.scopes,
      endsInMs: Math.max(0, token.until - clock.now()),
    });
    await next();
  };
}

const STREAM = '/v1/inbox/stream';

/**
 * EventSource cannot set headers: for the stream alone the token may stand in the query. Queries are never logged or
 * traced.
 */
function tokenInQuery(c: { req: { path: string; query(name: string): string | undefined } }) {
  return c.req.path === STREAM ? (c.req.query('token') ?? c.req.query('access_token')) : undefined;
}

/** The access part of a route for recipients: what the token must open, which is also `x-scope` of the document. */
export function needsToken(scope: RecipientScope) {
  const requireScope: MiddlewareHandler<ApiEnv> = async (c, next) => {
    if (!c.get('recipient').scopes.includes(scope))
      throw new ProblemError('forbidden', `This token does not open ${scope}. Ask for one with that scope.`);
    await next();
  };
  return { middleware: requireScope, security: [{ recipientToken: [] }], 'x-scope': scope };
}

function refused(): ProblemError {
  return new ProblemError(
    'unauthenticated',
    'The token of the recipient is missing, not valid or has ended. Get a new one from your own server, which makes it with POST /v1/recipients/{id}/tokens.',
    { headers: { 'WWW-Authenticate': 'Bearer realm="carillon"' } },
  );
}
