import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * Notifications that were sent to an address of a recipient without a recipient id: they are found by that address. Not
 * where another recipient has the same address: then they may be that person's.
 */
export async function sentToTheirAddresses(
  tx: Sql | TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
): Promise<string[]> {
  // The texts of the conditions are those of the indexes notifications_by_email, _by_phone and _by_push.
  const push = tx`coalesce(n.address #>> '{push,fcm_token}', n.address #>> '{push,apns_token}', n.address #>> '{push,subscription,endpoint}')`;
  const rows = await tx<{ id: string }[]>`
    select n.id
    from contact_points p
    cross join lateral (
      select n.id, n.app_id, n.environment, n.recipient_id from notifications n
      where p.kind = 'email' and n.address ? 'email' and lower(n.address ->> 'email') = lower(p.address)
        and hashtextextended(lower(n.address ->> 'email'), 0) = hashtextextended(lower(p.address), 0)
      union all
      select n.id, n.app_id, n.environment, n.recipient_id from notifications n
      where p.kind = 'phone' and n.address ? 'phone' and n.address ->> 'phone' = p.address
        and hashtextextended(n.address ->> 'phone', 0) = hashtextextended(p.address, 0)
      union all
      select n.id, n.app_id, n.environment, n.recipient_id from notifications n
      where p.kind in ('fcm', 'apns', 'web_push') and n.address ? 'push' and ${push} = p.address
        and hashtextextended(${push}, 0) = hashtextextended(p.address, 0)
    ) n
    where p.app_id = ${appId} and p.environment = ${environment} and p.recipient_id = ${recipientId}
      and n.app_id = ${appId} and n.environment = ${environment} and n.recipient_id is null
      and not exists (
        select from contact_points o
        where o.app_id = p.app_id and o.environment = p.environment and o.recipient_id <> p.recipient_id
          and o.kind = p.kind
          and (o.address = p.address or p.kind = 'email' and o.kind = 'email' and lower(o.address) = lower(p.address))
      )`;
  return rows.map(({ id }) => id);
}
