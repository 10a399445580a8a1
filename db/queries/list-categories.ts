import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import type { CategoryFields } from './put-category.ts';

export interface CategoryRow extends CategoryFields {
  name: string;
  updatedAt: Date;
}

/** The columns of CategoryRow. */
export const categoryColumns = (sql: Sql) => sql`
  name, delivery_policy as "deliveryPolicy", resolve_within_seconds as "resolveWithinSeconds",
  backoff_seconds as "backoffSeconds", unsubscribable, track_opens as "trackOpens", track_clicks as "trackClicks",
  updated_at as "updatedAt"`;

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
