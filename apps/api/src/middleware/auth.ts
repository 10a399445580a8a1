import { hash } from 'node:crypto';
import { allows, type KeyScope } from '@carillon/core/access/access';
import { type ApiKeyParts, parseApiKey, secretMatches } from '@carillon/core/access/api-key';
import type { Environment } from '@carillon/core/notification/environment';
import type { DatabaseClock } from '@carillon/core/program/database-clock';
import { ProblemError } from '@carillon/core/text/problem';
import type { MiddlewareHandler } from 'hono';
import { LRUCache } from 'lru-cache';
import type { ApiEnv, Caller } from '../deps.ts';
import type { KeyCache } from './key-cache.ts';
import type { StaffAuth } from './staff-auth.ts';
import { lookUpPermit, type StrangerLimit } from './stranger-limit.ts';

const CHALLENGE = { 'WWW-Authenticate': 'Bearer realm="carillon"' };

/**
 * Authenticates: sets `caller` from the bearer key or the staff token, or refuses with 401; unknown keys are rate
 * limited by address.
 *
 * @param clock PostgreSQL's time, by which keys expire.
 */
export function authenticate(
  keys: KeyCache,
  staff: StaffAuth,
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
    const person = staff.callerOf(header, c);
    if (person !== null) {
      c.set('caller', await person);
      return next();
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
      holder: `The API key ${row.id}`,
      actor: `key:${row.id}`,
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
 * The access part of a route's description: middleware that refuses with 403 unless the caller holds the scope, and the
 * same scope as `x-scope` of the document.
 *
 * @param options.everyApp whether it serves people who name no app (`Carillon-App: *`).
 */
export function needs(scope: KeyScope, { everyApp = false }: { everyApp?: boolean } = {}) {
  const requireScope: MiddlewareHandler<ApiEnv> = async (c, next) => {
    assertScope(c.get('caller'), scope, everyApp);
    await next();
  };
  return { middleware: requireScope, 'x-scope': scope };
}

/**
 * The same check as a function, for handlers without their own middleware; those write `x-scope` from the same value.
 */
export function assertScope(
  { holder, scopes, staff }: Pick<Caller, 'holder' | 'scopes' | 'staff'>,
  scope: KeyScope,
  everyApp = false,
): void {
  if (staff?.everyApp && !everyApp)
    throw new ProblemError(
      'malformed_request',
      'This route works on one app: send its id as Carillon-App in the place of *, and live or test as Carillon-Environment.',
    );
  if (allows(scopes, scope)) return;
  if (staff) throw new ProblemError('forbidden', `${holder} may not do this: it needs ${scope}. ${ASK}`);
  const how = scope === 'installation' ? ': "carillon-admin key create --installation" makes one' : '';
  throw new ProblemError(
    'forbidden',
    `${holder} has the scopes [${scopes.join(', ')}]; this needs ${scope}. Use a key that has it${how}.`,
  );
}

const ASK = 'Somebody who administers staff can give you a role that has it.';

function refused(detail: string): ProblemError {
  return new ProblemError('unauthenticated', detail, { headers: CHALLENGE });
}
