import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';

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

/** Tokens change and phones are replaced: beyond this many of a kind the oldest are forgotten. */
export const MAX_DEVICES = 20;

/**
 * Gives a recipient a device. A device has one person: whoever had this token before loses it, or the next user of a
 * shared phone would read the last one's messages. A known token is made the newest again, and enabled: the app has
 * just got it from the operating system.
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
    // Two people registering one token at once: the second waits, and then takes it from the first.
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
