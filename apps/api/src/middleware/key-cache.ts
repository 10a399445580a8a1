import { type ApiKeyRow, findApiKey } from '@carillon/db/queries/find-api-key';
import { touchApiKeys } from '@carillon/db/queries/touch-api-keys';
import type { Sql } from 'postgres';

/** A revoked key stops working after at most this long. */
const FRESH_MS = 5_000;
/** From this age on a hit also refreshes in the background, so that a busy key never waits for the database. */
const REFRESH_MS = 2_500;
const TOUCH_MS = 60_000;
/** Strangers can invent key ids; they must not fill the memory. */
const MAX_ENTRIES = 10_000;

interface Entry {
  row: ApiKeyRow | null;
  at: number;
  refreshing: Promise<ApiKeyRow | null> | null;
}

export interface KeyCache {
  /** The key's row, at most 5 s old; null if there is no such key. */
  find(keyId: string): ApiKeyRow | null | Promise<ApiKeyRow | null>;
  /** Notes a use in the background, at most once a minute for each key. */
  used(keyId: string): void;
}

/** API keys by id, so that the accept path makes no query for them. Answers from memory are given synchronously. */
export function createKeyCache(sql: Sql): KeyCache {
  const entries = new Map<string, Entry>();
  const touchedAt = new Map<string, number>();

  const load = (keyId: string, entry: Entry): Promise<ApiKeyRow | null> => {
    entry.refreshing ??= findApiKey(sql, keyId)
      .then((row) => {
        entry.row = row;
        entry.at = Date.now();
        return row;
      })
      .finally(() => {
        entry.refreshing = null;
      });
    return entry.refreshing;
  };

  return {
    find: (keyId) => {
      const now = Date.now();
      let entry = entries.get(keyId);
      if (!entry) {
        entry = { row: null, at: Number.NEGATIVE_INFINITY, refreshing: null };
        entries.set(keyId, entry);
        if (entries.size > MAX_ENTRIES) entries.delete(entries.keys().next().value!);
      }
      const age = now - entry.at;
      if (age > FRESH_MS) return load(keyId, entry);
      if (age > REFRESH_MS && entry.row) load(keyId, entry).catch(() => {});
      return entry.row;
    },
    used: (keyId) => {
      const now = Date.now();
      if (now - (touchedAt.get(keyId) ?? 0) < TOUCH_MS) return;
      touchedAt.set(keyId, now);
      touchApiKeys(sql, [keyId]).catch(() => touchedAt.delete(keyId));
    },
  };
}
