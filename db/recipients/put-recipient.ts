import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** An absent field stays as it is, null removes it, a value replaces it completely. */
export interface RecipientFields {
  email?: string | null | undefined;
  phone?: string | null | undefined;
  locale?: string | null | undefined;
  timeZone?: string | null | undefined;
  attributes?: Record<string, unknown> | undefined;
}

/**
 * Creates or changes a recipient. A replaced address is deleted, unless it was disabled: that one stays with its
 * reason, and giving it again does not enable it (a bounced address still bounces).
 *
 * Not audited row by row: customers mirror their users here at full speed, and the audit chain is one writer at a time.
 *
 * @returns whether it was created.
 */
export async function putRecipient(
  sql: Sql,
  tenant: Tenant,
  id: string,
  fields: RecipientFields,
): Promise<boolean> {
  const { appId, environment } = tenant;
  const { locale, timeZone, attributes } = fields;
  return sql.begin(async (tx) => {
    // Locks the row, so that two PUTs of one recipient do not leave the addresses of both.
    const [row] = await tx<{ created: boolean }[]>`
      insert into recipients as r (app_id, environment, id, locale, time_zone, attributes)
      values (${appId}, ${environment}, ${id}, ${locale ?? null}, ${timeZone ?? null},
        ${JSON.stringify(attributes ?? {})}::text::jsonb)
      on conflict (app_id, environment, id) do update set
        locale = case when ${locale !== undefined} then excluded.locale else r.locale end,
        time_zone = case when ${timeZone !== undefined} then excluded.time_zone else r.time_zone end,
        attributes = case when ${attributes !== undefined} then excluded.attributes else r.attributes end,
        updated_at = now()
      returning xmax = 0 as created`;
    for (const kind of ['email', 'phone'] as const) {
      const address = fields[kind];
      if (address === undefined) continue;
      await tx`
        delete from contact_points
        where app_id = ${appId} and environment = ${environment} and recipient_id = ${id} and kind = ${kind}
          and disabled_at is null and address is distinct from ${address}`;
      if (address === null) continue;
      await tx`
        insert into contact_points (app_id, environment, recipient_id, kind, address)
        values (${appId}, ${environment}, ${id}, ${kind}, ${address})
        on conflict (app_id, environment, recipient_id, kind, address) do nothing`;
    }
    return row!.created;
  });
}
