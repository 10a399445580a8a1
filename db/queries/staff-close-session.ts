import type { Sql } from 'postgres';

/** Ends a session at once; nothing happens if it is gone already. */
export async function closeStaffSession(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql`delete from staff_sessions where token_hash = ${tokenHash}`;
}
