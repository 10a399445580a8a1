import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import { type AccountToPut, changeProviderAccount } from './change-provider-account.ts';
import type { ProviderAccountRow } from './provider-accounts.ts';

/** Creates or replaces a provider account, whatever it was before. */
export async function putProviderAccount(
  sql: Sql,
  account: AccountToPut,
  actor: string,
): Promise<{ account: ProviderAccountRow; created: boolean }> {
  return (await changeProviderAccount(sql, account.id, () => account, actor))!;
}

/**
 * Removes a provider account; workers stop using it within seconds. Attempts keep its name.
 *
 * @returns whether it existed.
 */
export async function deleteProviderAccount(sql: Sql, id: string, actor: string): Promise<boolean> {
  return sql.begin(async (tx) => {
    const [row] = await tx<{ provider: string }[]>`
      delete from provider_accounts where id = ${id} returning provider`;
    if (!row) return false;
    await tx`delete from circuit_breakers where account = ${id}`;
    await audit(tx, {
      appId: null,
      actor,
      action: 'provider_account.delete',
      subject: `provider_account:${id}`,
      detail: { provider: row.provider },
    });
    return true;
  });
}

/**
 * Makes the accounts that a file names equal to the file, and removes those that it no longer names. Accounts made by
 * people stay; of two with one id the file's wins. All workers should be given the same file.
 */
export async function syncFileAccounts(sql: Sql, accounts: readonly AccountToPut[]): Promise<void> {
  for (const account of accounts) await putProviderAccount(sql, account, 'system:worker');
  await sql`
    delete from provider_accounts
    where managed_by = 'file' and not (id = any (${accounts.map(({ id }) => id)}::text[]))`;
}
