import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { type CategoryRow, categoryColumns } from './list-categories.ts';

/** One category of this tenant; null if it has no row of its own (then `*` holds for it, or the defaults do). */
export async function getCategory(sql: Sql, tenant: Tenant, name: string): Promise<CategoryRow | null> {
  const [row] = await sql<CategoryRow[]>`
    select ${categoryColumns(sql)} from categories
    where app_id = ${tenant.appId} and environment = ${tenant.environment} and name = ${name}`;
  return row ?? null;
}
