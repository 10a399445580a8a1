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
}

/** The columns of AudienceRow. */
export const audienceColumns = (sql: Sql | TransactionSql) => sql`
  id, key, name, kind, filter, uses, updated_by as "updatedBy", created_at as "createdAt", updated_at as "updatedAt"`;

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

/**
 * The keys of the audiences whose filter names this one, and the names of the campaigns that are for it and have not
 * frozen their audience yet.
 */
export async function findUsers(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  key: string,
): Promise<{ audiences: string[]; campaigns: { id: string; name: string }[] }> {
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
