import { allows, parseApiKey, type Scope, secretMatches } from '@carillon/core/api-key';
import { ProblemError } from '@carillon/core/problem';
import type { MiddlewareHandler } from 'hono';
import type { ApiEnv } from '../deps.ts';
import type { KeyCache } from './key-cache.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="carillon"' };

/** Who is asking: sets `caller` from the bearer key, or refuses with 401. */
export function authenticate(keys: KeyCache, defaultRatePerSecond: number): MiddlewareHandler<ApiEnv> {
  return async function authenticate(c, next) {
    const header = c.req.header('authorization');
    if (header === undefined) {
      throw refused(
        'There is no Authorization header. Send "Authorization: Bearer cln_..." with your API key.',
      );
    }
    const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
    const key = token === undefined ? null : parseApiKey(token);
    if (!key) {
      throw refused(
        'The Authorization header does not hold an API key. It reads "Bearer cln_<live|test>_<id>_<secret>_<checksum>"; copy the whole key.',
      );
    }
    const found = keys.find(key.keyId);
    const row = found instanceof Promise ? await found : found;
    // One answer for "no such key" and "wrong secret": which key ids exist is nobody's business.
    if (!row || !secretMatches(key.secret, row.secretHash) || row.environment !== key.environment) {
      throw refused('The API key is not known. Check that it was copied completely and not deleted.');
    }
    if (row.revokedAt) throw refused(`The API key ${row.id} was revoked. Use another one.`);
    if (row.expiresAt && row.expiresAt.getTime() <= Date.now()) {
      throw refused(`The API key ${row.id} expired at ${row.expiresAt.toISOString()}. Use another one.`);
    }
    keys.used(row.id);
    c.set('caller', {
      keyId: row.id,
      appId: row.appId,
      environment: row.environment,
      scopes: row.scopes,
      ratePerSecond: row.ratePerSecond ?? defaultRatePerSecond,
    });
    await next();
  };
}

/** Refuses with 403 unless the caller's key holds the scope (or `admin`). Goes into a route's `middleware`. */
export function requireScope(scope: Scope): MiddlewareHandler<ApiEnv> {
  return async function requireScope(c, next) {
    assertScope(c.get('caller'), scope);
    await next();
  };
}

/** The same as a plain call, for handlers without middleware of their own. */
export function assertScope(caller: { keyId: string; scopes: readonly string[] }, scope: Scope): void {
  if (allows(caller.scopes, scope)) return;
  throw new ProblemError(
    'forbidden',
    `The API key ${caller.keyId} has the scopes [${caller.scopes.join(', ')}]; this needs ${scope}. Use a key that has it.`,
  );
}

function refused(detail: string): ProblemError {
  return new ProblemError('unauthenticated', detail, { headers: CHALLENGE });
}
