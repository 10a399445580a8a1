import type { Sql } from 'postgres';

export interface NewSession {
  tokenHash: Buffer;
  staffId: string;
  hours: number;
  /** The session this browser had before: a login always gets a new token, and the old one dies. */
  replaces: Buffer | null;
}

/** Opens a session, ends the one it replaces and sweeps out those of everybody that ran out. */
export async function openStaffSession(sql: Sql, session: NewSession): Promise<void> {
  await sql`
    with ended as (
      delete from staff_sessions where token_hash = ${session.replaces} or expires_at < now()
    )
    insert into staff_sessions (token_hash, staff_id, expires_at)
    values (${session.tokenHash}, ${session.staffId}, now() + make_interval(secs => ${session.hours * 3600}))`;
}
