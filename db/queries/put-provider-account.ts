import type { Sql } from 'postgres';
import { type AccountToPut, changeProviderAccount } from './change-provider-account.ts';
import type { ProviderAccountRow } from './find-provider-account.ts';

/** Creates or replaces a provider account, whatever it was before. */
export async function putProviderAccount(
  sql: Sql,
  account: AccountToPut,
  actor: string,
): Promise<{ account: ProviderAccountRow; created: boolean }> {
  return (await changeProviderAccount(sql, account.id, () => account, actor))!;
}
