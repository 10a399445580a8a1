import type { Sql } from 'postgres';
import type { AccountToPut } from './change-provider-account.ts';
import { putProviderAccount } from './put-provider-account.ts';

/**
 * Makes the accounts that a file names what the file says, and removes those that it names no more. Accounts made by people
 * stay; of two with one id the file's wins. All workers should be given the same file.
 */
export async function syncFileAccounts(sql: Sql, accounts: readonly AccountToPut[]): Promise<void> {
  for (const account of accounts) await putProviderAccount(sql, account, 'system:worker');
  await sql`
    delete from provider_accounts
    where managed_by = 'file' and not (id = any (${accounts.map(({ id }) => id)}::text[]))`;
}
