import { beforeChange } from '@carillon/core/access/audited-change';
import type { Filter } from '@carillon/core/audience/filter';
import { canonicalJson, requestHash } from '@carillon/core/notification/request-hash';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { AudienceRow } from './audiences.ts';

/** One writer of a tenant's audiences at a time: two changes together could make a circle of what each one checked. */
export async function lockAudiences(tx: TransactionSql, { appId, environment }: Tenant): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext(${`carillon.audiences ${appId} ${environment}`}))`;
}

export interface AudienceFields {
  key: string;
  name: string;
  /** Null for a list. */
  filter: Filter | null;
  uses: readonly string[];
}

/**
 * Creates or replaces an audience. A list that becomes a filter loses its members. Repeating the same values writes
 * nothing.
 *
 * @param before the row, read under `lockAudiences`.
 */
export async function writeAudience(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  { key, name, filter, uses }: AudienceFields,
  before: AudienceRow | null,
  actor: string,
): Promise<{ created: boolean }> {
  if (before !== null && isSame(before, { name, filter })) return { created: false };
  const kind = filter === null ? 'list' : 'filter';
  const json = filter === null ? null : JSON.stringify(filter);
  const [row] = await tx<{ id: string }[]>`
    insert into audiences (app_id, environment, key, name, kind, filter, uses, updated_by)
    values (${appId}, ${environment}, ${key}, ${name}, ${kind}, ${json}::text::jsonb, ${uses as string[]}::text[], ${actor})
    on conflict (app_id, environment, key) do update set
      name = excluded.name, kind = excluded.kind, filter = excluded.filter, uses = excluded.uses,
      updated_by = excluded.updated_by, updated_at = now(),
      last_count = case when audiences.filter is not distinct from excluded.filter then audiences.last_count end,
      last_counted_at = case when audiences.filter is not distinct from excluded.filter then audiences.last_counted_at end
    returning id`;
  if (kind === 'filter' && before?.kind === 'list')
    await tx`delete from audience_members where audience_id = ${row!.id}`;
  const after = auditedFields({ name, kind, filter });
  await audit(tx, {
    appId,
    actor,
    action: 'audience.put',
    subject: `audience:${key}`,
    detail: { environment, ...after, ...beforeChange(before && auditedFields(before), after) },
  });
  return { created: before === null };
}

/** Keeps an exact count beside the audience, unless its filter was changed meanwhile or it was counted again. */
export async function keepCount(
  sql: Sql,
  { id, filter }: Pick<AudienceRow, 'id' | 'filter'>,
  { count, countedAt }: { count: number; countedAt: Date },
): Promise<void> {
  const json = filter === null ? null : JSON.stringify(filter);
  await sql`
    update audiences set last_count = ${count}, last_counted_at = ${countedAt}
    where id = ${id} and filter is not distinct from ${json}::text::jsonb
      and (last_counted_at is null or last_counted_at <= ${countedAt})`;
}

/** Whether a row says the same. */
export function isSame(row: AudienceRow, { name, filter }: Pick<AudienceFields, 'name' | 'filter'>): boolean {
  return row.name === name && canonicalJson(row.filter) === canonicalJson(filter);
}

/** Removes an audience and, of a list, its members; the recipients stay. */
export async function deleteAudience(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  { id, key }: AudienceRow,
  actor: string,
): Promise<void> {
  await tx`delete from audiences where id = ${id}`;
  await audit(tx, {
    appId,
    actor,
    action: 'audience.delete',
    subject: `audience:${key}`,
    detail: { environment },
  });
}

/** A filter may hold addresses, which the log must not: its hash tells whether it changed. */
const auditedFields = ({ name, kind, filter }: Pick<AudienceRow, 'name' | 'kind' | 'filter'>) => ({
  name,
  kind,
  filter_hash: filter === null ? null : requestHash(filter).toString('hex').slice(0, 16),
});

/** One entry for all parts of an upload of members. */
export async function auditMembers(
  sql: Sql,
  { appId, environment }: Tenant,
  key: string,
  { actor, action, changed }: { actor: string; action: 'add' | 'remove'; changed: number },
): Promise<void> {
  await audit(sql, {
    appId,
    actor,
    action: action === 'add' ? 'audience.add' : 'audience.remove',
    subject: `audience:${key}`,
    detail: { environment, members: changed },
  });
}
