import type { UnsubscribeLink } from '@carillon/core/unsubscribe-link';
import type { Sql, TransactionSql } from 'postgres';

/**
 * A person leaves a category: a preference where the app knows them, else their address is not written to any more (a bare
 * address has no categories). Leaving twice is leaving once.
 *
 * @param wanted false leaves, true comes back (a preference only: a suppression is lifted by the app).
 */
export async function optOut(
  sql: Sql | TransactionSql,
  link: UnsubscribeLink,
  wanted = false,
): Promise<void> {
  const { appId, environment, category, recipientId, addressHash } = link;
  if (recipientId !== undefined) {
    await sql`
      insert into user_preferences (app_id, environment, recipient_id, categories)
      select app_id, environment, id, jsonb_build_object(${category}::text, ${wanted}::boolean) from recipients
      where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
      on conflict (app_id, environment, recipient_id)
      do update set categories = user_preferences.categories || excluded.categories, updated_at = now()`;
  } else if (addressHash !== undefined && !wanted) {
    await sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason, detail)
      values (${appId}, ${environment}, 'email', ${Buffer.from(addressHash, 'hex')}, 'unsubscribe',
        ${`left the category ${category}`})
      on conflict do nothing`;
  }
}
