import { ageMs, type Moment, momentNow } from '@carillon/core/program/database-clock';
import { isAllowedOrigin } from '@carillon/db/inbox/recipient';
import type { Context, MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import type { ApiEnv } from '../deps.ts';
import { assertWithin, type LookUpPermit, lookUpPermit, type StrangerLimit } from './stranger-limit.ts';

/** An origin that is added works after at most this long. */
const FRESH_MS = 4_000;
const MAX_ORIGINS = 5_000;
/** Browsers ask again after this. */
const PREFLIGHT_SECONDS = 600;
const ORIGIN = /^[a-z][a-z0-9+.-]*:\/\/[^\s/?#@]{1,253}$/i;

/**
 * Answers browsers which pages may read an answer (CORS, https://fetch.spec.whatwg.org/#http-cors-protocol), for the
 * routes of recipients. A preflight carries no token, so here an origin counts if any app lists it; that it is the app
 * of the token is checked with the token.
 */
export function allowListedOrigins(
  sql: Sql,
  strangers: StrangerLimit,
  now: () => Moment = momentNow,
): MiddlewareHandler<ApiEnv> {
  const known = new LRUCache<string, { isListed: Promise<boolean>; at: Moment }>({ max: MAX_ORIGINS });
  /** Anybody can send any origin: a look-up is counted against the network address, unless it finds the origin. */
  const isListed = (origin: string, permit: LookUpPermit): Promise<boolean> => {
    const entry = known.get(origin);
    if (entry && ageMs(entry.at, now()) <= FRESH_MS) return entry.isListed;
    permit.before();
    const listed = isAllowedOrigin(sql, origin).then((isThere) => {
      if (isThere) permit.found();
      return isThere;
    });
    known.set(origin, { isListed: listed, at: now() });
    listed.catch(() => known.delete(origin));
    return listed;
  };

  return async function allowListedOrigins(c, next) {
    const origin = c.req.header('origin');
    if (origin === undefined) return next();
    const { headers } = c.get('answerHeaders');
    headers.Vary = 'Origin';
    const isAllowed =
      isOwnOrigin(c, origin) || (ORIGIN.test(origin) && (await isListed(origin, lookUpPermit(strangers, c))));
    if (isAllowed) {
      headers['Access-Control-Allow-Origin'] = origin;
      headers['Access-Control-Expose-Headers'] = 'X-Request-Id, Retry-After, RateLimit-Remaining';
    }
    const isPreflight =
      c.req.method === 'OPTIONS' && c.req.header('access-control-request-method') !== undefined;
    if (!isPreflight) return next();
    assertWithin(strangers, c, 1);
    if (isAllowed) {
      headers['Access-Control-Allow-Methods'] = 'GET, POST, PUT';
      headers['Access-Control-Allow-Headers'] = 'Authorization, Content-Type, Last-Event-ID, X-Request-Id';
      headers['Access-Control-Max-Age'] = String(PREFLIGHT_SECONDS);
    }
    return c.body(null, 204);
  };
}

/** Whether a page comes from where this API is reached, as by a proxy that serves both. */
export function isOwnOrigin(c: Context<ApiEnv>, origin: string): boolean {
  return URL.canParse(origin) && new URL(origin).host === (c.req.header('host') ?? '');
}
