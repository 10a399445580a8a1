import { assertOpens, type KeyRing } from '@carillon/core/notification/envelope';
import type { Sql, TransactionSql } from 'postgres';
import { SEALED_PLACES } from './rewrap-secrets.ts';

/** Whether the keys open every sealed secret of the database; the secrets stay closed. @throws SealBroken, naming one that does not. */
export async function assertSecretsOpen(sql: Sql | TransactionSql, ring: KeyRing): Promise<void> {
  for (const { table, key, keyId, boundTo } of SEALED_PLACES) {
    const rows = await sql<{ id: string; dataKey: Buffer; keyId: string }[]>`
      select id::text as id, ${sql(key)} as "dataKey", ${sql(keyId)} as "keyId" from ${sql(table)}
      where ${sql(key)} is not null order by 1`;
    for (const { id, ...sealed } of rows) assertOpens(ring, sealed, `${boundTo}${id}`);
  }
}
