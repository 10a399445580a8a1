import { withTimeout } from '@carillon/core/notification/deadline';
import { ageMs, type DatabaseClock, type Moment, momentNow } from '@carillon/core/program/database-clock';
import { type ApiKeyRow, findApiKey, touchApiKeys } from '@carillon/db/apps/api-keys';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import type { LookUpPermit } from './stranger-limit.ts';

/** A revoked key stops working after at most this long: the age of an entry counts from the start of its look-up. */
const FRESH_MS = 5_000;
/** From this age on a hit also refreshes in the background, so that a busy key never waits for the database. */
const REFRESH_MS = 2_500;
const TOUCH_MS = 60_000;
const MAX_KNOWN = 10_000;
/** Unauthenticated callers can invent key ids; these must neither fill the memory nor evict keys that exist. */
const MAX_UNKNOWN = 10_000;
/** A look-up on a silent connection is abandoned, so that the next request uses another connection. */
const LOOK_UP_MS = 4_000;

interface Entry {
  row: ApiKeyRow;
  /**
   * The time before the look-up was sent: the row may have changed right after PostgreSQL read it, however late the
   * answer arrived.
   */
  at: Moment;
}

export interface KeyCache {
  /**
   * The key's row, at most 5 s old; null if there is no such key.
   *
   * @param permit called before a look-up of a key that is not cached in this process.
   * @throws DeadlineError, and what the query throws.
   */
  find(keyId: string, permit: LookUpPermit): ApiKeyRow | null | Promise<ApiKeyRow | null>;
  /** Records a use in the background, at most once a minute for each key. */
  used(keyId: string): void;
}

/**
 * A cache of API keys by id, so that the accept path makes no query for them. Cached keys are returned synchronously.
 *
 * @param clock is set to PostgreSQL's time by each look-up: every request with a key follows one that is at most 5 s
 *   old.
 * @param now the clock that ages are measured by.
 */
export function createKeyCache(
  sql: Sql,
  clock: Pick<DatabaseClock, 'observe'>,
  lookUpMs = LOOK_UP_MS,
  now: () => Moment = momentNow,
): KeyCache {
  const known = new LRUCache<string, Entry>({ max: MAX_KNOWN });
  /** Ids without a key, and when that was found. */
  const unknown = new LRUCache<string, Moment>({ max: MAX_UNKNOWN });
  const loading = new Map<string, Promise<ApiKeyRow | null>>();
  const touchedAt = new LRUCache<string, Moment>({ max: MAX_KNOWN });

  const keep = (keyId: string, row: ApiKeyRow | null, at: Moment): ApiKeyRow | null => {
    if (row) {
      unknown.delete(keyId);
      known.set(keyId, { row, at });
    } else {
      known.delete(keyId);
      unknown.set(keyId, at);
    }
    return row;
  };

  const load = (keyId: string): Promise<ApiKeyRow | null> => {
    const under = loading.get(keyId);
    if (under) return under;
    const at = now();
    const sentAt = performance.now();
    const loaded = withTimeout(lookUpMs, findApiKey(sql, keyId))
      .then((row) => {
        if (row) clock.observe(sentAt, row.now);
        return keep(keyId, row, at);
      })
      .finally(() => loading.delete(keyId));
    loading.set(keyId, loaded);
    return loaded;
  };

  const loadUnknown = async (keyId: string, permit: LookUpPermit): Promise<ApiKeyRow | null> => {
    permit.before();
    const row = await load(keyId);
    if (row) permit.found();
    return row;
  };

  return {
    find: (keyId, permit) => {
      const asked = now();
      const entry = known.get(keyId);
      if (entry) {
        const age = ageMs(entry.at, asked);
        if (age > FRESH_MS) return load(keyId);
        if (age > REFRESH_MS) load(keyId).catch(() => {});
        return entry.row;
      }
      const missedAt = unknown.get(keyId);
      if (missedAt !== undefined && ageMs(missedAt, asked) <= FRESH_MS) return null;
      return loadUnknown(keyId, permit);
    },
    used: (keyId) => {
      const before = touchedAt.get(keyId);
      if (before && ageMs(before, now()) < TOUCH_MS) return;
      touchedAt.set(keyId, now());
      touchApiKeys(sql, [keyId]).catch(() => touchedAt.delete(keyId));
    },
  };
}
