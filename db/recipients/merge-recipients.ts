import type { TransactionSql } from 'postgres';
import { storableJson } from '../connection/storable-json.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { RecipientFields } from './put-recipient.ts';

/** A recipient to create or change: fields as in a single PUT. */
export interface MergedRecipient extends RecipientFields {
  id: string;
}

export interface MergeResult {
  id: string;
  /** `unchanged`: everything that was given was so already. */
  became: 'created' | 'updated' | 'unchanged';
  /** An address was removed, or another one given. */
  addressChanged: boolean;
}

interface MergeRow {
  id: string;
  locale: string | null;
  timeZone: string | null;
  attributes: Record<string, unknown> | null;
  email: string | null;
  phone: string | null;
  /** The fields that were given, also those given as null. */
  given: string[];
}

/**
 * Creates or changes many recipients with the rules of `putRecipient`. First new rows in the order of their ids, then
 * existing ones in that order: so two merges never wait for each other in a circle.
 *
 * @param recipients each id at most once.
 * @returns by the place in `recipients`.
 */
export async function mergeRecipients(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  recipients: readonly MergedRecipient[],
): Promise<MergeResult[]> {
  if (recipients.length === 0) return [];
  const rows = storableJson(recipients.map(rowOf));
  const given = tx`
    json_to_recordset(${rows}::text::json) as g (
      id text, locale text, "timeZone" text, attributes jsonb, email text, phone text, given jsonb
    )`;
  const of = (table: ReturnType<typeof tx>) =>
    tx`${table}.app_id = ${appId} and ${table}.environment = ${environment}`;
  const created = await tx<{ id: string }[]>`
    insert into recipients (app_id, environment, id, locale, time_zone, attributes)
    select ${appId}, ${environment}, g.id, g.locale, g."timeZone", coalesce(g.attributes, '{}') from ${given} order by g.id
    on conflict (app_id, environment, id) do nothing
    returning id`;
  // Of two merges, the second one sees the addresses of the first.
  await tx`
    select from recipients r where ${of(tx`r`)} and r.id in (select g.id from ${given})
    order by r.id for no key update`;
  const addresses = tx`
    (select g.id, a.kind, a.address from ${given} cross join lateral (
      values ('email', g.email), ('phone', g.phone)
    ) as a (kind, address) where g.given ? a.kind) as a`;
  const removed = await tx<{ id: string }[]>`
    delete from contact_points c using ${addresses}
    where ${of(tx`c`)} and c.recipient_id = a.id and c.kind = a.kind and c.disabled_at is null
      and c.address is distinct from a.address
    returning a.id`;
  const added = await tx<{ id: string }[]>`
    insert into contact_points (app_id, environment, recipient_id, kind, address)
    select ${appId}, ${environment}, a.id, a.kind, a.address from ${addresses} where a.address is not null
    on conflict (app_id, environment, recipient_id, kind, address) do nothing
    returning recipient_id as id`;
  const [isNew, hasMoved] = [idsOf(created), idsOf([...removed, ...added])];
  const changed = await tx<{ id: string }[]>`
    update recipients r set
      locale = case when g.given ? 'locale' then g.locale else r.locale end,
      time_zone = case when g.given ? 'timeZone' then g."timeZone" else r.time_zone end,
      attributes = case when g.given ? 'attributes' then g.attributes else r.attributes end,
      updated_at = now()
    from ${given}
    where ${of(tx`r`)} and r.id = g.id and not (r.id = any (${[...isNew]}::text[])) and (
      g.given ? 'locale' and r.locale is distinct from g.locale
      or g.given ? 'timeZone' and r.time_zone is distinct from g."timeZone"
      or g.given ? 'attributes' and r.attributes is distinct from g.attributes
      or r.id = any (${[...hasMoved]}::text[])
    )
    returning r.id`;
  const isChanged = idsOf(changed);
  return recipients.map(({ id }) => ({
    id,
    became: isNew.has(id) ? 'created' : isChanged.has(id) ? 'updated' : 'unchanged',
    addressChanged: hasMoved.has(id) && !isNew.has(id),
  }));
}

const idsOf = (rows: readonly { id: string }[]): ReadonlySet<string> => new Set(rows.map(({ id }) => id));

function rowOf({ id, locale, timeZone, attributes, email, phone }: MergedRecipient): MergeRow {
  const fields = { locale, timeZone, attributes, email, phone };
  return {
    id,
    locale: locale ?? null,
    timeZone: timeZone ?? null,
    attributes: attributes ?? null,
    email: email ?? null,
    phone: phone ?? null,
    given: Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [name])),
  };
}
