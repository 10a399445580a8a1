import type { KeyRing } from '@carillon/core/notification/envelope';
import { ageMs, type DatabaseClock, type Moment, momentNow } from '@carillon/core/program/database-clock';
import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { decryptAccount } from '@carillon/providers/accounts/account-encryption';
import type { ReceiptTrust } from '@carillon/providers/receipts/reader';
import { trustOf } from '@carillon/providers/receipts/trust';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';
import type { LookUpPermit } from '../middleware/stranger-limit.ts';

/** A new secret is accepted, and an old one rejected, at most this long after the change. */
const FRESH_MS = 5_000;
const MAX_KNOWN = 1_000;
/** Unauthenticated callers can invent accounts; these must not evict those that exist. */
const MAX_UNKNOWN = 1_000;

interface Entry {
  at: Moment;
  trust: Promise<ReceiptTrust | null>;
}

/**
 * Looks up what the receipts of an account are verified with.
 *
 * @param clock is set to PostgreSQL's time by each look-up.
 * @returns a function; null for an account that does not exist or belongs to another provider. Its permit is called
 *   before the look-up of an account that is not cached in this process.
 */
export function accountTrust(
  sql: Sql,
  ring: KeyRing,
  clock: Pick<DatabaseClock, 'observe'>,
): (provider: string, account: string, permit: LookUpPermit) => Promise<ReceiptTrust | null> {
  const known = new LRUCache<string, Entry>({ max: MAX_KNOWN });
  const unknown = new LRUCache<string, Entry>({ max: MAX_UNKNOWN });

  const load = async (provider: string, id: string): Promise<ReceiptTrust | null> => {
    const sentAt = performance.now();
    const row = await findProviderAccount(sql, id);
    if (row) clock.observe(sentAt, row.now);
    return row === null || row.provider !== provider ? null : trustOf(decryptAccount(ring, row));
  };

  return async (provider, account, permit) => {
    const key = `${provider}/${account}`;
    const cached = known.get(key) ?? unknown.get(key);
    if (cached && ageMs(cached.at) < FRESH_MS) return cached.trust;
    const isStranger = !known.has(key);
    if (isStranger) permit.before();
    const entry = { at: momentNow(), trust: load(provider, account) };
    // Concurrent requests share the look-up; its result names the provider.
    (isStranger ? unknown : known).set(key, entry);
    try {
      const trust = await entry.trust;
      if (trust !== null && isStranger) {
        permit.found();
        unknown.delete(key);
        known.set(key, entry);
      } else if (trust === null && !isStranger) known.delete(key);
      return trust;
    } catch (error) {
      for (const cache of [known, unknown]) if (cache.get(key) === entry) cache.delete(key);
      throw error;
    }
  };
}
