import type { PartKind, PartName, PartTexts } from '@carillon/core/template/compile/parts';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** A layout or partial of a tenant. */
export interface PartRow {
  kind: PartKind;
  key: string;
  version: number;
  texts: PartTexts;
  /** Of its texts. */
  hash: string;
  createdAt: Date;
  updatedAt: Date;
  updatedBy: string;
}

/** jsonb has one text for equal values. */
const hashOf = (sql: Sql | TransactionSql) =>
  sql`left(encode(sha256(convert_to(p.texts::text, 'UTF8')), 'hex'), 32)`;
const columns = (sql: Sql | TransactionSql) => sql`
  p.kind, p.key, p.version, p.texts, ${hashOf(sql)} as hash, p.created_at as "createdAt", p.updated_at as "updatedAt",
  p.updated_by as "updatedBy"`;

export async function getPart(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  { kind, key }: PartName,
): Promise<PartRow | null> {
  const [row] = await sql<PartRow[]>`
    select ${columns(sql)} from template_parts p
    where p.app_id = ${appId} and p.environment = ${environment} and p.kind = ${kind} and p.key = ${key}`;
  return row ?? null;
}

/** Those of the names that exist. @param lock keeps them as they are until the end of the transaction. */
export async function findParts(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  names: readonly PartName[],
  { lock = false }: { lock?: boolean } = {},
): Promise<PartRow[]> {
  if (names.length === 0) return [];
  return sql<PartRow[]>`
    select ${columns(sql)}
    from template_parts p
    join json_to_recordset(${JSON.stringify(names)}::text::json) as w (kind text, key text)
      on w.kind = p.kind and w.key = p.key
    where p.app_id = ${appId} and p.environment = ${environment}
    order by p.kind, p.key ${lock ? sql`for share of p` : sql``}`;
}

/** The tenant's layouts or partials by key (bytewise), after the given one. */
export async function listParts(
  sql: Sql,
  { appId, environment }: Tenant,
  kind: PartKind,
  after: string | undefined,
  limit: number,
): Promise<PartRow[]> {
  return sql<PartRow[]>`
    select ${columns(sql)} from template_parts p
    where p.app_id = ${appId} and p.environment = ${environment} and p.kind = ${kind}
      ${after === undefined ? sql`` : sql`and p.key collate "C" > ${after}`}
    order by p.key collate "C" limit ${limit}`;
}

/** One version of a layout or partial. */
export interface PartVersionRow {
  version: number;
  createdAt: Date;
  createdBy: string;
}

/** The versions of a part, newest first, below the given one. The part itself is the first of them. */
export async function listPartVersions(
  sql: Sql,
  { appId, environment }: Tenant,
  { kind, key }: PartName,
  below: number | undefined,
  limit: number,
): Promise<PartVersionRow[]> {
  const of = sql`app_id = ${appId} and environment = ${environment} and kind = ${kind} and key = ${key}`;
  return sql<PartVersionRow[]>`
    select version, created_at as "createdAt", created_by as "createdBy"
    from (
      select version, updated_at as created_at, updated_by as created_by from template_parts where ${of}
      union all
      select version, created_at, created_by from template_part_versions where ${of}
    ) v
    ${below === undefined ? sql`` : sql`where version < ${below}`}
    order by version desc limit ${limit}`;
}

/** The texts of one version of a part; null if there is none of that number. */
export async function getPartVersion(
  sql: Sql,
  { appId, environment }: Tenant,
  { kind, key }: PartName,
  version: number,
): Promise<(PartVersionRow & { texts: PartTexts }) | null> {
  const of = sql`app_id = ${appId} and environment = ${environment} and kind = ${kind} and key = ${key}
    and version = ${version}`;
  const [row] = await sql<(PartVersionRow & { texts: PartTexts })[]>`
    select version, texts, updated_at as "createdAt", updated_by as "createdBy" from template_parts where ${of}
    union all
    select version, texts, created_at, created_by from template_part_versions where ${of}`;
  return row ?? null;
}

/** What uses a layout or partial, each part of it sorted by key. */
export interface PartUsers {
  /** Templates whose published version has it. `current`: as it is now; publishing them again brings the others up to date. */
  templates: { key: string; version: number; current: boolean }[];
  /** Templates with a draft that names it. */
  drafts: string[];
  /** Layouts and partials that render it. */
  parts: PartName[];
}

/** The users of each of some parts, in order. */
export async function usersOfParts(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  parts: readonly Pick<PartRow, 'kind' | 'key' | 'hash'>[],
): Promise<PartUsers[]> {
  if (parts.length === 0) return [];
  const wanted = parts.map(({ kind, key, hash }, n) => ({ n, kind, key, hash, name: [{ kind, key }] }));
  return sql<PartUsers[]>`
    select (
        select coalesce(jsonb_agg(jsonb_build_object('key', key, 'version', version, 'current', current) order by key), '[]')
        from (
          select t.key, v.version, bool_and(v.parts @> jsonb_build_array(
            jsonb_build_object('kind', w.kind, 'key', w.key, 'hash', w.hash))) as current
          from templates t
          join template_versions v on v.template_id = t.id and v.version = t.published_version
          where t.app_id = ${appId} and t.environment = ${environment} and v.parts @> w.name
          group by t.key, v.version
        ) u
      ) as templates, (
        select coalesce(jsonb_agg(t.key order by t.key), '[]')
        from templates t join template_drafts d on d.template_id = t.id
        where t.app_id = ${appId} and t.environment = ${environment} and d.parts @> w.name
      ) as drafts, (
        select coalesce(jsonb_agg(jsonb_build_object('kind', p.kind, 'key', p.key) order by p.kind, p.key), '[]')
        from template_parts p
        where p.app_id = ${appId} and p.environment = ${environment} and p.parts @> w.name
      ) as parts
    from json_to_recordset(${JSON.stringify(wanted)}::text::json) as w (n int, kind text, key text, hash text, name jsonb)
    order by w.n`;
}
