import type { Sql } from 'postgres';

/** Removes sessions of the dashboard that have run out. Returns how many went. */
export async function pruneStaffSessions(sql: Sql): Promise<number> {
  const rows = await sql`delete from staff_sessions where expires_at < now()`;
  return rows.count;
}
