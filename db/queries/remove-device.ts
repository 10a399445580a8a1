import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import type { Device } from './add-device.ts';

/** Takes a device from a recipient. @returns `not_found` if the tenant has no such recipient. */
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
