import { hash } from 'node:crypto';
import { allows, type KeyScope } from '@carillon/core/access/access';
import { type ApiKeyParts, parseApiKey, secretMatches } from '@carillon/core/access/api-key';
import type { Environment } from '@carillon/core/notification/environment';
import type { DatabaseClock } from '@carillon/core/program/database-clock';
import { ProblemError } from '@carillon/core/text/problem';
import type { MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import type { ApiEnv } from '../deps.ts';
import type { KeyCache } from './key-cache.ts';
import { lookUpPermit, type StrangerLimit } from './stranger-limit.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="carillon"' };

/**
 * Authenticates: sets `caller` from the bearer key, or refuses with 401; unknown keys are rate limited by address.
 *
 * @param clock PostgreSQL's time, by which keys expire.
 */
export function authenticate(
  keys: KeyCache,
  strangers: StrangerLimit,
  clock: Pick<DatabaseClock, 'now'>,
  defaultRatePerSecond: number,
): MiddlewareHandler<ApiEnv> {
  const proven = createProven();

  return async function authenticate(c, next) {
    const header = c.req.header('authorization');
    if (header === undefined) {
      throw refused(
        'There is no Authorization header. Send "Authorization: Bearer cln_..." with your API key.',
      );
    }
    const digest = hash('sha256', header, 'base64');
    const before = proven.get(digest);
    const key = before ?? parseHeader(header);
    const found = keys.find(key.keyId, lookUpPermit(strangers, c));
    const row = found instanceof Promise ? await found : found;
    // One answer for "no such key" and "wrong secret", so that it does not reveal which key ids exist.
    if (!row || row.environment !== key.environment || !holdsSecret(key, row.secretHash)) {
      throw refused('The API key is not known. Check that it was copied completely and not deleted.');
    }
    if (row.revokedAt) throw refused(`The API key ${row.id} was revoked. Use another one.`);
    if (row.expiresAt && row.expiresAt.getTime() <= clock.now()) {
      throw refused(`The API key ${row.id} expired at ${row.expiresAt.toISOString()}. Use another one.`);
    }
    if (!before)
      proven.add(digest, { keyId: row.id, environment: row.environment, secretHash: row.secretHash });
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

/** A header that was verified to hold the secret behind this hash. */
interface Proof {
  keyId: string;
  environment: Environment;
  secretHash: Buffer;
}

/**
 * Headers that were parsed and verified before, by their SHA-256: looking one up leaks nothing about the secret, and
 * costs a quarter of parsing and checking it again (5 us of each request). The key's row is still read each time.
 */
function createProven() {
  const proofs = new LRUCache<string, Proof>({ max: MAX_PROOFS });
  return {
    get: (digest: string): Proof | undefined => proofs.get(digest),
    add: (digest: string, proof: Proof): void => void proofs.set(digest, proof),
  };
}

const MAX_PROOFS = 10_000;

function parseHeader(header: string): ApiKeyParts {
  const token = /^Bearer +(\S+)$/i.exec(header)?.[1];
  const key = token === undefined ? null : parseApiKey(token);
  if (key) return key;
  throw refused(
    'The Authorization header does not hold an API key. It reads "Bearer cln_<live|test>_<id>_<secret>_<checksum>"; copy the whole key.',
  );
}

function holdsSecret(key: ApiKeyParts | Proof, secretHash: Buffer): boolean {
  return 'secret' in key ? secretMatches(key.secret, secretHash) : key.secretHash.equals(secretHash);
}

/**
 * The access part of a route's description: middleware that refuses with 403 unless the caller's key holds the scope
 * (or `admin`, which holds all but `installation`), and the same scope as `x-scope` of the document.
 */
export function needs(scope: KeyScope) {
  const requireScope: MiddlewareHandler<ApiEnv> = async (c, next) => {
    assertScope(c.get('caller'), scope);
    await next();
  };
  return { middleware: requireScope, 'x-scope': scope };
}

/**
 * The same check as a function, for handlers without their own middleware; those write `x-scope` from the same value.
 */
export function assertScope(caller: { keyId: string; scopes: readonly string[] }, scope: KeyScope): void {
  if (allows(caller.scopes, scope)) return;
  const how = scope === 'installation' ? ': "carillon-admin key create --installation" makes one' : '';
  throw new ProblemError(
    'forbidden',
    `The API key ${caller.keyId} has the scopes [${caller.scopes.join(', ')}]; this needs ${scope}. Use a key that has it${how}.`,
  );
}

function refused(detail: string): ProblemError {
  return new ProblemError('unauthenticated', detail, { headers: CHALLENGE });
}
