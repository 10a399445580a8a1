import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

export interface Device {
  kind: 'fcm' | 'apns' | 'web_push';
  /** The token; for Web Push the endpoint. */
  address: string;
  keys: { p256dh: string; auth: string } | null;
}

export interface AddedDevice {
  id: string;
  created: boolean;
  createdAt: Date;
}

/** Tokens change and phones are replaced: beyond this many of a kind the oldest are removed. */
export const MAX_DEVICES = 20;

/**
 * Gives a recipient a device. A device has one person: its previous owner loses the token, or the next user of a shared
 * phone would read the last one's messages. A known token becomes the newest again, and enabled: the app has just got
 * it from the operating system.
 *
 * @returns null if the tenant has no such recipient.
 */
export async function addDevice(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  device: Device,
): Promise<AddedDevice | null> {
  const { appId, environment } = tenant;
  const { kind, address, keys } = device;
  return sql.begin(async (tx) => {
    const [recipient] = await tx`
      update recipients set updated_at = now()
      where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
      returning 1`;
    if (!recipient) return null;
    // Two people registering one token at once: the second transaction waits, and then takes it from the first.
    await tx`select pg_advisory_xact_lock(hashtextextended(${`device:${address}`}, 0))`;
    await tx`
      delete from contact_points
      where app_id = ${appId} and environment = ${environment} and kind = ${kind} and address = ${address}
        and recipient_id <> ${recipientId}`;
    const [added] = await tx<AddedDevice[]>`
      insert into contact_points (app_id, environment, recipient_id, kind, address, keys)
      values (${appId}, ${environment}, ${recipientId}, ${kind}, ${address},
        ${keys === null ? null : JSON.stringify(keys)}::text::jsonb)
      on conflict (app_id, environment, recipient_id, kind, address) do update
      set keys = excluded.keys, created_at = now(), disabled_at = null, disabled_reason = null
      returning id, xmax = 0 as created, created_at as "createdAt"`;
    await tx`
      delete from contact_points where id in (
        select id from contact_points
        where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId} and kind = ${kind}
        order by created_at desc, id
        offset ${MAX_DEVICES}
      )`;
    return added!;
  });
}

/** Removes a device from a recipient. @returns `not_found` if the tenant has no such recipient. */
export async function removeDevice(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  { kind, address }: Pick<Device, 'kind' | 'address'>,
): Promise<'removed' | 'was_not_there' | 'not_found'> {
  const [row] = await sql<{ known: boolean; removed: boolean }[]>`
    with removed as (
      delete from contact_points
      where app_id = ${tenant.appId} and environment = ${tenant.environment} and recipient_id = ${recipientId}
        and kind = ${kind} and address = ${address}
      returning 1
    )
    select exists (select from removed) as removed, exists (
      select from recipients
      where app_id = ${tenant.appId} and environment = ${tenant.environment} and id = ${recipientId}
    ) as known`;
  if (!row?.known) return 'not_found';
  return row.removed ? 'removed' : 'was_not_there';
}
