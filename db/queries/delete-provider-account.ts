import type { Sql } from 'postgres';
import { audit } from './audit.ts';

/**
 * Removes a provider account; workers stop using it within seconds. Attempts keep its name.
 *
 * @returns whether it was there.
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
