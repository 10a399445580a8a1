import type { PendingQuery, Row, TransactionSql } from 'postgres';
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
 * Creates or changes many recipients with the rules of `putRecipient`.
 *
 * @param recipients each id at most once.
 * @returns by the place in `recipients`.
 */
export async function mergeRecipients(
  tx: TransactionSql,
  tenant: Tenant,
  recipients: readonly MergedRecipient[],
): Promise<MergeResult[]> {
  if (recipients.length === 0) return [];
  const rows = storableJson(recipients.map(rowOf));
  const given = tx`
    json_to_recordset(${rows}::text::json) as g (
      id text, locale text, "timeZone" text, attributes jsonb, email text, phone text, given jsonb,
      set_attributes jsonb, unset_attributes text[]
    )`;
  const { created, moved, changed } = await mergeGiven(tx, tenant, given);
  return recipients.map(({ id }) => ({
    id,
    became: created.has(id) ? 'created' : changed.has(id) ? 'updated' : 'unchanged',
    addressChanged: moved.has(id) && !created.has(id),
  }));
}

/** The ids of the merged recipients that are new, that got or lost an address, that were there and were changed. */
export type Merged = Readonly<Record<'created' | 'moved' | 'changed', ReadonlySet<string>>>;

/**
 * The rules of `putRecipient` for a relation. First new rows in the order of their ids, then existing ones in that
 * order: so two merges never wait for each other in a circle.
 *
 * @param given a relation `g`, each id at most once. `g.given` lists the fields that are given, also those as null.
 *   Instead of all attributes it may have some to set (`g.set_attributes`) and some to remove.
 */
export async function mergeGiven(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  given: PendingQuery<Row[]>,
): Promise<Merged> {
  const of = (table: ReturnType<typeof tx>) =>
    tx`${table}.app_id = ${appId} and ${table}.environment = ${environment}`;
  const inserted = await tx<{ id: string }[]>`
    insert into recipients (app_id, environment, id, locale, time_zone, attributes)
    select ${appId}, ${environment}, g.id, g.locale, g."timeZone", coalesce(g.attributes, g.set_attributes, '{}')
    from ${given} order by g.id
    on conflict (app_id, environment, id) do nothing
    returning id`;
  const created = idsOf(inserted);
  // Of two merges, the second one sees the addresses of the first.
  await tx`
    select count(*) from (
      select from recipients r where ${of(tx`r`)} and r.id in (select g.id from ${given})
      order by r.id for no key update
    ) as locked`;
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
  const moved = idsOf([...removed, ...added]);
  const rows = await tx<{ id: string }[]>`
    update recipients r set
      locale = case when g.given ? 'locale' then g.locale else r.locale end,
      time_zone = case when g.given ? 'timeZone' then g."timeZone" else r.time_zone end,
      attributes = ${mergedAttributes(tx)},
      updated_at = now()
    from ${given}
    where ${of(tx`r`)} and r.id = g.id and not (r.id = any (${[...created]}::text[])) and (
      ${fieldsDiffer(tx)} or r.id = any (${[...moved]}::text[])
    )
    returning r.id`;
  return { created, moved, changed: idsOf(rows) };
}

/** The attributes that recipient `r` has after `g` is merged. */
export function mergedAttributes(sql: TransactionSql): PendingQuery<Row[]> {
  return sql`
    case when g.given ? 'attributes' then g.attributes
      when g.set_attributes is not null
        then (r.attributes || g.set_attributes) - coalesce(g.unset_attributes, '{}')
      else r.attributes end`;
}

/** Whether merging `g` changes anything of recipient `r` but its addresses. */
export function fieldsDiffer(sql: TransactionSql): PendingQuery<Row[]> {
  return sql`(
    g.given ? 'locale' and r.locale is distinct from g.locale
    or g.given ? 'timeZone' and r.time_zone is distinct from g."timeZone"
    or r.attributes is distinct from ${mergedAttributes(sql)}
  )`;
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
