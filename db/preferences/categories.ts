import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { CategoryFields } from './change-categories.ts';

/**
 * One category of this tenant; null if it has no row of its own (then `*` applies, or the defaults do).
 *
 * @param name in its normalised form (categoryName); a row of an earlier version, in another case, is found where there
 *   is no newer one.
 */
export async function getCategory(sql: Sql, tenant: Tenant, name: string): Promise<CategoryRow | null> {
  const [row] = await sql<CategoryRow[]>`
    select ${categoryColumns(sql)} from categories
    where app_id = ${tenant.appId} and environment = ${tenant.environment} and lower(name) = ${name}
    order by name = ${name} desc limit 1`;
  return row ?? null;
}

export interface CategoryRow extends CategoryFields {
  name: string;
  updatedAt: Date;
}

/** The columns of CategoryRow. */
export const categoryColumns = (sql: Sql) => sql`
  name, delivery_policy as "deliveryPolicy", resolve_within_seconds as "resolveWithinSeconds",
  backoff_seconds as "backoffSeconds", unsubscribable, track_opens as "trackOpens", track_clicks as "trackClicks",
  secret,  updated_at as "updatedAt"`;

/** The tenant's categories by name (bytewise), after the given one. */
export async function listCategories(
  sql: Sql,
  tenant: Tenant,
  after: string | undefined,
  limit: number,
): Promise<CategoryRow[]> {
  return sql<CategoryRow[]>`
    select ${categoryColumns(sql)} from categories
    where app_id = ${tenant.appId} and environment = ${tenant.environment}
      ${after === undefined ? sql`` : sql`and name collate "C" > ${after}`}
    order by name collate "C"
    limit ${limit}`;
}

export interface CategorySettingsRow {
  appId: string;
  environment: Environment;
  name: string;
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  backoffSeconds: number[] | null;
  trackOpens: boolean;
  trackClicks: boolean;
  unsubscribable: boolean;
}

/** How every app wants its categories treated: a few rows per app, read whole. */
export async function loadCategories(sql: Sql): Promise<CategorySettingsRow[]> {
  return sql<CategorySettingsRow[]>`
    select app_id as "appId", environment, name, delivery_policy as "deliveryPolicy",
      resolve_within_seconds as "resolveWithinSeconds", backoff_seconds as "backoffSeconds",
      track_opens as "trackOpens", track_clicks as "trackClicks", unsubscribable
    from categories`;
}
