import type { KeyRing } from '@carillon/core/envelope';
import { findProviderAccount } from '@carillon/db/queries/find-provider-account';
import type { ReceiptTrust } from '@carillon/providers/receipts/reader';
import { trustOf } from '@carillon/providers/receipts/trust';
import { openAccount } from '@carillon/providers/sealed-account';
import type { Sql } from 'postgres';

/** A changed secret is believed, and an old one doubted, at most this long after the change. */
const FRESH_MS = 5_000;
const MAX_CACHED = 1_000;

/**
 * What the receipts of an account are checked against.
 *
 * @returns a function; null for an account that does not exist or belongs to another provider.
 */
export function accountTrust(
  sql: Sql,
  ring: KeyRing,
  now: () => number = Date.now,
): (provider: string, account: string) => Promise<ReceiptTrust | null> {
  const cache = new Map<string, { until: number; trust: Promise<ReceiptTrust | null> }>();

  const load = async (provider: string, id: string): Promise<ReceiptTrust | null> => {
    const row = await findProviderAccount(sql, id);
    return row === null || row.provider !== provider ? null : trustOf(openAccount(ring, row));
  };

  return (provider, account) => {
    const key = `${provider}/${account}`;
    const known = cache.get(key);
    if (known && known.until > now()) return known.trust;
    const trust = load(provider, account);
    trust.catch(() => cache.delete(key));
    cache.delete(key);
    if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
    cache.set(key, { until: now() + FRESH_MS, trust });
    return trust;
  };
}
