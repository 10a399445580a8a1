import type { Sql } from 'postgres';

export interface AppRow {
  id: string;
  name: string;
}

/** By name, for people to choose from. @param limit how many at most; default all. */
export async function listApps(sql: Sql, limit: number | null = null): Promise<AppRow[]> {
  return sql<AppRow[]>`select id, name from apps order by name, id limit ${limit}`;
}
