import type { Grant } from '@carillon/core/access/roles';
import type { Sql } from 'postgres';
import { grantsOf } from './read-staff.ts';

/** The person of a session, and the roles as they are now. */
export interface StaffMember {
  sessionId: string;
  id: string;
  email: string;
  name: string;
  twoFactor: boolean;
  grants: Grant[];
  expiresAt: Date;
  /** PostgreSQL's time. */
  now: Date;
}

/** A session that was not used for this long has ended. */
export const STAFF_IDLE_MINUTES = 60;

/**
 * The person of a session; null once it ended, was idle for too long, or the account was disabled. Roles are read every
 * time, so that a change takes effect with the next request. "Seen" is written once a minute at most.
 */
export async function findStaffSession(
  sql: Sql,
  sessionId: string,
  idleMinutes: number,
): Promise<StaffMember | null> {
  const [row] = await sql<StaffMember[]>`
    with seen as (
      update staff_logins set last_seen_at = now()
      where id = ${sessionId} and last_seen_at between now() - make_interval(mins => ${idleMinutes}) and now() - interval '1 minute'
    )
    select s.id as "sessionId", staff.id, staff.email, staff.name, staff.two_factor_enabled as "twoFactor",
      s.expires_at as "expiresAt", now() as now, ${grantsOf(sql)} as grants
    from staff_logins s
    join staff on staff.id = s.staff_id
    where s.id = ${sessionId}
      and s.expires_at > now()
      and s.last_seen_at > now() - make_interval(mins => ${idleMinutes})
      and staff.disabled_at is null`;
  return row ?? null;
}

/** @returns whether there was such a session of this person. */
export async function endStaffSession(sql: Sql, staffId: string, sessionId: string): Promise<boolean> {
  const ended = await sql`delete from staff_logins where id = ${sessionId} and staff_id = ${staffId}`;
  return ended.count === 1;
}

/**
 * Marks a code of a second factor as used.
 *
 * @param codeHash SHA-256 of the code.
 * @returns false if this code was accepted before: RFC 6238, section 5.2, allows one use.
 */
export async function spendSecondFactorCode(sql: Sql, staffId: string, codeHash: string): Promise<boolean> {
  const used = await sql`
    update staff_two_factors set used_code = ${codeHash}, used_at = now()
    where staff_id = ${staffId}
      and not coalesce(used_code = ${codeHash} and used_at > now() - interval '3 minutes', false)`;
  return used.count > 0;
}

/** Removes expired sessions, links and counters of the login pages. Returns how many sessions were removed. */
export async function pruneStaffSessions(sql: Sql): Promise<number> {
  const rows = await sql`delete from staff_logins where expires_at < now()`;
  await sql`delete from staff_tokens where expires_at < now()`;
  await sql`delete from staff_sessions where expires_at < now()`;
  await sql`delete from staff_rate_limits where last_request < extract(epoch from now() - interval '1 day') * 1000`;
  return rows.count;
}
