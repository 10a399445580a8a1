import type { PartName, PartTexts } from '@carillon/core/template/compile/parts';
import type { TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * Changes of a tenant's layouts and partials one after the other, so that two of them cannot make a cycle together. Messages
 * and publishing go on.
 */
export async function lockParts(tx: TransactionSql, { appId }: Tenant): Promise<void> {
  await tx`select from apps where id = ${appId} for no key update`;
}

/** Creates or changes a part; a change counts its version and keeps the one before. @param input.parts what its texts name. */
export async function storePart(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  input: PartName & { texts: PartTexts; parts: readonly PartName[]; actor: string },
): Promise<void> {
  const { kind, key, texts, parts, actor } = input;
  await tx`
    with before as (
      insert into template_part_versions (app_id, environment, kind, key, version, texts, created_at, created_by)
      select app_id, environment, kind, key, version, texts, updated_at, updated_by from template_parts
      where app_id = ${appId} and environment = ${environment} and kind = ${kind} and key = ${key}
    )
    insert into template_parts as p (app_id, environment, kind, key, version, texts, parts, updated_by)
    values (
      ${appId}, ${environment}, ${kind}, ${key}, 1, ${JSON.stringify(texts)}::text::jsonb,
      ${JSON.stringify(parts)}::text::jsonb, ${actor}
    )
    on conflict (app_id, environment, kind, key) do update set
      version = p.version + 1, texts = excluded.texts, parts = excluded.parts, updated_by = excluded.updated_by,
      updated_at = now()`;
}

export async function removePart(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  { kind, key }: PartName,
): Promise<void> {
  await tx`
    delete from template_parts
    where app_id = ${appId} and environment = ${environment} and kind = ${kind} and key = ${key}`;
}

/** Locks a part, so that nothing that uses it can be published meanwhile. */
export async function lockPart(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  { kind, key }: PartName,
): Promise<void> {
  await tx`
    select from template_parts
    where app_id = ${appId} and environment = ${environment} and kind = ${kind} and key = ${key}
    for update`;
}

/** Whether a part is among these or among what they render, at any depth. */
export async function reaches(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  from: readonly PartName[],
  { kind, key }: PartName,
): Promise<boolean> {
  const [row] = await tx<[{ found: boolean }]>`
    with recursive reached as (
      select w.kind, w.key from json_to_recordset(${JSON.stringify(from)}::text::json) as w (kind text, key text)
      union
      select n.kind, n.key
      from reached r
      join template_parts p
        on p.app_id = ${appId} and p.environment = ${environment} and p.kind = r.kind and p.key = r.key
      cross join lateral jsonb_to_recordset(p.parts) as n (kind text, key text)
    )
    select exists (select from reached where kind = ${kind} and key = ${key}) as found`;
  return row.found;
}
