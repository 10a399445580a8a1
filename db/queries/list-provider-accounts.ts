import type { Sql, TransactionSql } from 'postgres';
import { type ProviderAccountRow, providerAccountColumns } from './find-provider-account.ts';

/** All accounts of the installation, in the order in which their channel tries them. There are tens, never thousands. */
export async function listProviderAccounts(sql: Sql | TransactionSql): Promise<ProviderAccountRow[]> {
  return sql<ProviderAccountRow[]>`
    select ${providerAccountColumns(sql as Sql)} from provider_accounts order by channel, position, id`;
}
