import type { KeyRing } from '@carillon/core/notification/envelope';
import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { syncFileAccounts } from '@carillon/db/provider-accounts/write-provider-accounts';
import { decryptAccount, encryptAccount } from '@carillon/providers/accounts/account-encryption';
import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import {
  buildAccounts,
  type RegisteredAccount,
  type RegistryDeps,
} from '@carillon/providers/accounts/registry';
import type { Sql } from 'postgres';
import { retryWrite } from './deliver/retry-write.ts';
import { oneAtATime } from './one-at-a-time.ts';
import type { Duty } from './service.ts';

/**
 * The provider accounts as this process uses them: read from PostgreSQL every few seconds, so that a new key, limit or
 * order applies without a restart. An account that cannot be used (its key is gone, a field has another version) is
 * logged and left out; the others go on.
 */
export interface CurrentAccounts {
  /** Live: the same array throughout; its content changes. Sorted by order. */
  readonly accounts: readonly RegisteredAccount[];
  /**
   * Rises with every change: code that derives something from `accounts` compares it to see whether that is still
   * valid.
   */
  version(): number;
  readonly duty: Duty;
  close(): Promise<void>;
}

export interface AccountBookOptions {
  sql: Sql;
  ring: KeyRing;
  deps: RegistryDeps;
  /** The accounts of PROVIDERS_FILE; null leaves those in PostgreSQL. */
  fromFile: readonly AccountSettings[] | null;
  onUnusable(account: string, error: unknown): void;
}

const EVERY_MS = 3_000;
/** A worker that could not write the accounts of its file by then does not start. */
const START_MS = 60_000;
/** A delivery that has chosen the old adapter may still send through it for this long. */
const CLOSE_AFTER_MS = 60_000;

/** Reads the accounts once before it resolves. */
export async function openCurrentAccounts(options: AccountBookOptions): Promise<CurrentAccounts> {
  const { sql, ring, deps, fromFile, onUnusable } = options;
  const accounts: RegisteredAccount[] = [];
  const inUse = new Map<string, { updatedAt: number; account: RegisteredAccount }>();
  const closing = new Set<NodeJS.Timeout>();
  const unusable = new Map<string, number>();
  let version = 0;

  const build = async (row: ProviderAccountRow): Promise<RegisteredAccount | null> => {
    try {
      const [account] = await buildAccounts([decryptAccount(ring, row)], deps);
      unusable.delete(row.id);
      return account ?? null;
    } catch (error) {
      // Logged once for each change, not every few seconds.
      if (unusable.get(row.id) !== row.updatedAt.getTime()) onUnusable(row.id, error);
      unusable.set(row.id, row.updatedAt.getTime());
      return null;
    }
  };

  const retire = ({ adapter }: RegisteredAccount): void => {
    const timer = setTimeout(() => {
      closing.delete(timer);
      void adapter.close().catch(() => {});
    }, CLOSE_AFTER_MS);
    timer.unref();
    closing.add(timer);
  };

  const look = oneAtATime(async (): Promise<number> => {
    const rows = (await listProviderAccounts(sql)).filter(({ enabled }) => enabled);
    let changes = 0;
    for (const row of rows) {
      const known = inUse.get(row.id);
      if (known?.updatedAt === row.updatedAt.getTime()) continue;
      const account = await build(row);
      if (known) retire(known.account);
      if (account) inUse.set(row.id, { updatedAt: row.updatedAt.getTime(), account });
      else if (!inUse.delete(row.id)) continue;
      changes++;
    }
    for (const [id, { account }] of inUse) {
      if (rows.some((row) => row.id === id)) continue;
      inUse.delete(id);
      retire(account);
      changes++;
    }
    if (changes === 0) return 0;
    const sorted = [...inUse.values()].map(({ account }) => account).sort((a, b) => a.order - b.order);
    accounts.splice(0, accounts.length, ...sorted);
    version++;
    return changes;
  });

  if (fromFile !== null) {
    const rows = fromFile.map((account) => ({
      ...encryptAccount(ring, account),
      managedBy: 'file' as const,
    }));
    // Workers that start together write the same rows.
    await retryWrite(() => syncFileAccounts(sql, rows), START_MS);
  }
  await look();
  return {
    accounts,
    version: () => version,
    duty: { name: 'accounts', everyMs: EVERY_MS, runOnce: look },
    async close() {
      for (const timer of closing) clearTimeout(timer);
      await Promise.all(accounts.map(({ adapter }) => adapter.close()));
    },
  };
}
