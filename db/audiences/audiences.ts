import type { Filter } from '@carillon/core/audience/filter';
import type { CampaignDefinition } from '@carillon/core/campaign/campaign';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { AUDIENCE_KINDS } from '../schema/audiences.ts';

export interface AudienceRow {
  id: string;
  key: string;
  name: string;
  kind: (typeof AUDIENCE_KINDS)[number];
  /** Null for a list. */
  filter: Filter | null;
  /** The keys of the audiences that its filter names. */
  uses: string[];
  updatedBy: string;
  createdAt: Date;
  updatedAt: Date;
  /** Of the last exact count; null since its filter was changed. */
  lastCount: number | null;
  lastCountedAt: Date | null;
}

/** The columns of AudienceRow. */
export const audienceColumns = (sql: Sql | TransactionSql) => sql`
  id, key, name, kind, filter, uses, updated_by as "updatedBy", created_at as "createdAt", updated_at as "updatedAt",
  last_count as "lastCount", last_counted_at as "lastCountedAt"`;

/** One audience of this tenant; null if it has none of that key. */
export async function getAudience(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  key: string,
): Promise<AudienceRow | null> {
  const [row] = await findAudiences(sql, tenant, [key]);
  return row ?? null;
}

/** Those of these keys that the tenant has. */
export async function findAudiences(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  keys: readonly string[],
): Promise<AudienceRow[]> {
  return sql<AudienceRow[]>`
    select ${audienceColumns(sql)} from audiences
    where app_id = ${appId} and environment = ${environment} and key = any (${keys as string[]}::text[])`;
}

/** The tenant's audiences by key (bytewise), after the given one. */
export async function listAudiences(
  sql: Sql,
  { appId, environment }: Tenant,
  after: string | undefined,
  limit: number,
): Promise<AudienceRow[]> {
  return sql<AudienceRow[]>`
    select ${audienceColumns(sql)} from audiences
    where app_id = ${appId} and environment = ${environment}
      ${after === undefined ? sql`` : sql`and key collate "C" > ${after}`}
    order by key collate "C"
    limit ${limit}`;
}

/** What uses an audience: the keys of others whose filter names it, and campaigns that have not frozen theirs yet. */
export interface AudienceUsers {
  audiences: string[];
  campaigns: { id: string; name: string }[];
}

/** What uses each of these audiences, at most 100 campaigns each, in one look at the campaigns that have not started. */
export async function findUsersOfEach(
  sql: Sql,
  { appId, environment }: Tenant,
  keys: readonly string[],
): Promise<Map<string, AudienceUsers>> {
  const rows = await sql<{ key: string; user: string; id: string | null }[]>`
    select used.key, a.key as "user", null::uuid as id
    from audiences a cross join lateral unnest(a.uses) as used (key)
    where a.app_id = ${appId} and a.environment = ${environment} and used.key = any (${keys as string[]}::text[])
    union all (
      select key, name, id from (
        select used.key, c.name, c.id, row_number() over (partition by used.key order by c.created_at, c.id) as place
        from campaigns c cross join lateral (
          select distinct value #>> '{}' as key from jsonb_path_query(
            c.definition, 'strict $.audience.** ? (exists (@.audience)).audience', '{}', true
          ) as value
        ) used
        where c.app_id = ${appId} and c.environment = ${environment} and c.frozen_at is null and c.ended_at is null
          and used.key = any (${keys as string[]}::text[])
      ) placed
      where place <= 100
      order by key, place
    )`;
  const users = new Map(keys.map((key): [string, AudienceUsers] => [key, { audiences: [], campaigns: [] }]));
  for (const { key, user, id } of rows) {
    const of = users.get(key)!;
    if (id === null) of.audiences.push(user);
    else of.campaigns.push({ id, name: user });
  }
  for (const of of users.values()) of.audiences.sort();
  return users;
}

/**
 * The keys of the audiences whose filter names this one, and the names of the campaigns that are for it and have not
 * frozen their audience yet.
 */
export async function findUsers(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  key: string,
): Promise<AudienceUsers> {
  const [audiences, campaigns] = await Promise.all([
    sql<{ key: string }[]>`
      select key from audiences
      where app_id = ${appId} and environment = ${environment} and ${key} = any (uses)
      order by key collate "C"`,
    sql<{ id: string; name: string }[]>`
      select id, name from campaigns
      where app_id = ${appId} and environment = ${environment} and frozen_at is null and ended_at is null
        and jsonb_path_exists(
          definition, 'strict $.audience.** ? (@.audience == $key)', jsonb_build_object('key', ${key}::text), true
        )
      order by created_at, id limit 100`,
  ]);
  return { audiences: audiences.map((row) => row.key), campaigns: [...campaigns] };
}

/** A campaign as far as filters ask about it; null if the tenant has none of that id. */
export async function findCampaign(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  id: string,
): Promise<{ state: string; definition: CampaignDefinition } | null> {
  const [row] = await sql<{ state: string; definition: CampaignDefinition }[]>`
    select state, definition from campaigns
    where id = ${id} and app_id = ${appId} and environment = ${environment}`;
  return row ?? null;
}

/** What the tenant says about its categories, by name. The row `*` holds for those without one of their own. */
export async function readCategoryRules(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
): Promise<Map<string, CategoryRule>> {
  const rows = await sql<(CategoryRule & { name: string })[]>`
    select name, default_on as "defaultOn", locked from categories
    where app_id = ${appId} and environment = ${environment}`;
  return new Map(rows.map(({ name, ...rule }) => [name, rule]));
}
