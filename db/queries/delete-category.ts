import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';

/**
 * Takes away a category's own treatment: from now on `*` holds for its messages, or the defaults do.
 *
 * @param actor `key:<key id>`.
 */
export async function deleteCategory(sql: Sql, tenant: Tenant, name: string, actor: string): Promise<void> {
  const { appId, environment } = tenant;
  await sql.begin(async (tx) => {
    const gone = await tx`
      delete from categories where app_id = ${appId} and environment = ${environment} and name = ${name}
      returning name`;
    if (gone.length === 0) return;
    await audit(tx, {
      appId,
      actor,
      action: 'category.delete',
      subject: `category:${name}`,
      detail: { environment },
    });
  });
}
