import type { FanOutPerson } from '@carillon/core/campaign/fan-out';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * What the fan-out needs to know of recipients.
 *
 * @param variables the path in the recipient of each template variable: `attributes.first_name`, `id`, `locale`,
 *   `time_zone`; checked.
 */
export async function readPeople(
  tx: Sql | TransactionSql,
  { appId, environment }: Tenant,
  ids: readonly string[],
  variables: Readonly<Record<string, string>>,
): Promise<Map<string, FanOutPerson>> {
  const wanted = Object.entries(variables).map(([name, path]) => ({ name, path: path.split('.') }));
  const values =
    wanted.length === 0
      ? tx`'{}'::json`
      : tx`(
        select json_object_agg(v.name, case v.path[1]
          when 'attributes' then r.attributes #> v.path[2:]
          when 'id' then to_jsonb(r.id)
          when 'locale' then to_jsonb(r.locale)
          when 'time_zone' then to_jsonb(r.time_zone)
        end)
        from json_to_recordset(${JSON.stringify(wanted)}::text::json) as v (name text, path text[])
      )`;
  const rows = await tx<FanOutPerson[]>`
    select r.id, r.locale, ${values} as values, array(
      select distinct c.kind from contact_points c
      where c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id and c.disabled_at is null
    ) as kinds
    from recipients r
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = any (${ids as string[]}::text[])`;
  return new Map(rows.map((row) => [row.id, row]));
}
