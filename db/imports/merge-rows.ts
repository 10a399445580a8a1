import type { PendingQuery, Row, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { mergeCategories, mergedCategories } from '../preferences/merge-categories.ts';
import { fieldsDiffer, mergedAttributes, mergeGiven } from '../recipients/merge-recipients.ts';

/**
 * The rows of one part of an import, as the text of COPY; columns in this order. `given` lists the fields that are given
 * (as in `mergeGiven`), the hashes those of the addresses in the suppression list: only for `resubscribe`.
 */
export const STAGED_COLUMNS = {
  line: 'bigint',
  id: 'text',
  given: 'jsonb',
  locale: 'text',
  timeZone: 'text',
  email: 'text',
  phone: 'text',
  attributes: 'jsonb',
  set_attributes: 'jsonb',
  unset_attributes: 'text[]',
  categories: 'jsonb',
  email_hash: 'bytea',
  phone_hash: 'bytea',
} as const;

/** Puts rows into a table of this transaction: not logged, and gone with it. */
export async function stageRows(tx: TransactionSql, copy: Uint8Array): Promise<void> {
  const columns = Object.entries(STAGED_COLUMNS);
  await tx.unsafe(
    `create temp table import_rows (${columns.map(([name, type]) => `"${name}" ${type}`).join(', ')}) on commit drop`,
  );
  if (copy.length === 0) return;
  const writable = await tx`copy import_rows from stdin`.writable();
  await new Promise<void>((resolve, reject) => {
    writable.once('error', reject);
    writable.once('finish', resolve);
    writable.end(copy);
  });
  // Nobody else analyses such a table, and a plan for a few rows takes minutes for many.
  await tx`analyze import_rows`;
}

const staged = (tx: TransactionSql) => tx`import_rows as g`;

export interface MergedRows {
  created: number;
  updated: number;
  /** Somebody lost an address, or no longer wants something: facts that a call in flight may not know yet. */
  isRestricted: boolean;
  /** Recipients of whom an address may be used again that was disabled or suppressed. */
  lifted: number;
}

/** Merges the staged rows with the rules of PUT. */
export async function mergeRows(
  tx: TransactionSql,
  tenant: Tenant,
  { resubscribe }: { resubscribe: boolean },
): Promise<MergedRows> {
  const { created, moved, changed } = await mergeGiven(tx, tenant, staged(tx));
  const chosen = await mergeCategories(tx, tenant, staged(tx), { resubscribe });
  const enabled = resubscribe ? await enableAddresses(tx, tenant) : [];
  const updated = new Set([...changed, ...chosen, ...enabled]);
  for (const id of created) updated.delete(id);
  const isRestricted = [...moved].some((id) => !created.has(id)) || chosen.some((id) => !created.has(id));
  return { created: created.size, updated: updated.size, isRestricted, lifted: new Set(enabled).size };
}

/** What merging would do, without doing it. */
export async function previewRows(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  { resubscribe }: { resubscribe: boolean },
): Promise<MergedRows> {
  const of = (table: PendingQuery<Row[]>) =>
    tx`${table}.app_id = ${appId} and ${table}.environment = ${environment}`;
  const [row] = await tx<[{ created: number; updated: number }]>`
    select count(*) filter (where r.id is null)::int as created,
      count(*) filter (where r.id is not null and (
        ${fieldsDiffer(tx)}
        or exists (
          select from contact_points c where ${of(tx`c`)} and c.recipient_id = g.id and c.kind in ('email', 'phone')
            and g.given ? c.kind
            and (c.disabled_at is null and c.address is distinct from case c.kind when 'email' then g.email else g.phone end
              or ${resubscribe} and c.disabled_at is not null and c.address in (g.email, g.phone))
        )
        or exists (
          select from (values ('email', g.email), ('phone', g.phone)) as a (kind, address)
          where g.given ? a.kind and a.address is not null and not exists (
            select from contact_points c
            where ${of(tx`c`)} and c.recipient_id = g.id and c.kind = a.kind and c.address = a.address
          )
        )
        or g.categories is not null
          and p.categories is distinct from ${mergedCategories(tx, tx`g.categories`, resubscribe)}
      ))::int as updated
    from ${staged(tx)}
    left join recipients r on ${of(tx`r`)} and r.id = g.id
    left join user_preferences p on ${of(tx`p`)} and p.recipient_id = g.id`;
  return { ...row, isRestricted: false, lifted: 0 };
}

/**
 * Takes out the staged rows whose attributes would become too long together with those that are stored.
 *
 * @param max characters of JSON, as PostgreSQL writes it.
 */
export async function takeOutTooLong(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  max: number,
): Promise<{ line: number; id: string; length: number }[]> {
  return tx<{ line: number; id: string; length: number }[]>`
    delete from import_rows g using recipients r
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = g.id and g.set_attributes is not null
      and length(${mergedAttributes(tx)}::text) > ${max}
    returning g.line::float8 as line, g.id, length(${mergedAttributes(tx)}::text) as length`;
}

/** Lets disabled addresses of the staged rows be used again, and lifts their suppressions. @returns whose. */
async function enableAddresses(tx: TransactionSql, { appId, environment }: Tenant): Promise<string[]> {
  const points = await tx<{ id: string }[]>`
    update contact_points c set disabled_at = null, disabled_reason = null, soft_bounces = 0
    from ${staged(tx)}
    where c.app_id = ${appId} and c.environment = ${environment} and c.recipient_id = g.id and c.disabled_at is not null
      and (c.kind = 'email' and c.address = g.email or c.kind = 'phone' and c.address = g.phone)
    returning g.id`;
  const lifted = await tx<{ id: string }[]>`
    delete from suppressions s using import_rows g
    where s.app_id = ${appId} and s.environment = ${environment}
      and (s.channel = 'email' and s.address_hash = g.email_hash or s.channel = 'sms' and s.address_hash = g.phone_hash)
    returning g.id`;
  return [...points, ...lifted].map(({ id }) => id);
}
