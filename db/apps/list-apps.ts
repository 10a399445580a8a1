import type { Sql } from 'postgres';

export interface AppRow {
  id: string;
  name: string;
}

/** By name, for people to choose from. */
export async function listApps(sql: Sql): Promise<AppRow[]> {
  return sql<AppRow[]>`select id, name from apps order by name, id`;
}
