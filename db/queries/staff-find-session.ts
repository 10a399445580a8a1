import type { Sql } from 'postgres';
import type { StaffRole } from '../schema/staff.ts';

export interface StaffMember {
  id: string;
  email: string;
  role: StaffRole;
}

/**
 * Who is behind a session token; null once it ran out, idled too long, or the account was disabled. Role and account
 * are read every time, so that a change takes effect with the next click. "Seen" is written once a minute at most.
 */
export async function findStaffSession(
  sql: Sql,
  tokenHash: Buffer,
  idleMinutes: number,
): Promise<StaffMember | null> {
  const [row] = await sql<StaffMember[]>`
    with live as (
      select s.token_hash, s.last_seen_at, a.id, a.email, a.role
      from staff_sessions s
      join staff a on a.id = s.staff_id
      where s.token_hash = ${tokenHash}
        and s.expires_at > now()
        and s.last_seen_at > now() - make_interval(mins => ${idleMinutes})
        and a.disabled_at is null
    ), seen as (
      update staff_sessions s set last_seen_at = now()
      from live
      where s.token_hash = live.token_hash and live.last_seen_at < now() - interval '1 minute'
    )
    select id, email, role from live`;
  return row ?? null;
}
