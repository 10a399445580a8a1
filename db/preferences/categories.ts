import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Environment } from '@carillon/core/notification/environment';
import type { ByLocale } from '@carillon/core/recipient/locale';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * One category of this tenant; null if it has no row of its own (then `*` applies, or the defaults do).
 *
 * @param name in its normalised form (categoryName); a row of an earlier version, in another case, is found where there
 *   is no newer one.
 */
export async function getCategory(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  name: string,
): Promise<CategoryRow | null> {
  const [row] = await sql<CategoryRow[]>`
    select ${categoryColumns(sql)} from categories
    where app_id = ${tenant.appId} and environment = ${tenant.environment} and lower(name) = ${name}
    order by name = ${name} desc limit 1`;
  return row ?? null;
}

/** The complete settings that a PUT gives a category; null is the default of each message's priority. */
export interface CategoryFields {
  deliveryPolicy: DeliveryPolicy;
  resolveWithinSeconds: number | null;
  /** Waits before the 2nd, 3rd ... try. */
  backoffSeconds: readonly number[] | null;
  /** May people opt out of it? */
  unsubscribable: boolean;
  /** E-mail: report opens (a pixel) and clicks (rewritten links). */
  trackOpens: boolean;
  trackClicks: boolean;
  /** Are the texts of its messages removed as soon as they are final? */
  secret: boolean;
  /** What people see of it. */
  titles: ByLocale;
  descriptions: ByLocale;
  /** Do recipients who said nothing about it get it? */
  defaultOn: boolean;
  /** Is it impossible to opt out of it? */
  locked: boolean;
}

export interface CategoryRow extends CategoryFields {
  name: string;
  updatedAt: Date;
}

/** The columns of CategoryRow. */
export const categoryColumns = (sql: Sql | TransactionSql) => sql`
  name, delivery_policy as "deliveryPolicy", resolve_within_seconds as "resolveWithinSeconds",
  backoff_seconds as "backoffSeconds", unsubscribable, track_opens as "trackOpens", track_clicks as "trackClicks",
  secret, titles, descriptions, default_on as "defaultOn", locked, updated_at as "updatedAt"`;

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
  defaultOn: boolean;
  locked: boolean;
}

/** How every app wants its categories treated: a few rows per app, read whole. */
export async function loadCategories(sql: Sql): Promise<CategorySettingsRow[]> {
  return sql<CategorySettingsRow[]>`
    select app_id as "appId", environment, name, delivery_policy as "deliveryPolicy",
      resolve_within_seconds as "resolveWithinSeconds", backoff_seconds as "backoffSeconds",
      track_opens as "trackOpens", track_clicks as "trackClicks", unsubscribable,
      default_on as "defaultOn", locked
    from categories`;
}
