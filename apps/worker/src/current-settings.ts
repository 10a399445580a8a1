import { readSettingsVersion } from '@carillon/db/provider-accounts/provider-accounts';
import type { Sql } from 'postgres';

/**
 * Keeps this process's copy of categories and provider accounts as new as each message requires: the claim returns the
 * required version. So a change applies to the first message accepted after the change was answered, and no message
 * costs a statement while nothing changes.
 */
export interface CurrentSettings {
  /**
   * Resolves when the copy has at least this version; at once, if it already has.
   *
   * @throws if PostgreSQL cannot be queried.
   */
  upTo(version: number): Promise<void>;
}

/** @param reads each reads one kind of settings from PostgreSQL into memory. */
export function currentSettings(sql: Sql, reads: readonly (() => Promise<unknown>)[]): CurrentSettings {
  let known = Number.NEGATIVE_INFINITY;
  let reading: Promise<void> | null = null;

  const read = async (): Promise<void> => {
    const version = await readSettingsVersion(sql);
    await Promise.all(reads.map((each) => each()));
    known = Math.max(known, version);
  };

  return {
    async upTo(version) {
      // A read in progress may have begun before the change.
      while (known < version) {
        reading ??= read().finally(() => {
          reading = null;
        });
        await reading;
      }
    },
  };
}
