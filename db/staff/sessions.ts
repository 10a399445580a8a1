import type { StaffRole } from '@carillon/core/access/access';
import type { Sql } from 'postgres';

export interface NewSession {
  tokenHash: Buffer;
  staffId: string;
  /** As it was when the password was checked: if it was reset meanwhile, the check is void. */
  passwordHash: string;
  hours: number;
  /** The session this browser had before: a login always gets a new token, and the old one becomes invalid. */
  replaces: Buffer | null;
}

/**
 * Opens a session, ends the one it replaces and removes all expired ones.
 *
 * @returns false, and no session, if the account was disabled or its password replaced since it was checked.
 */
export async function openStaffSession(sql: Sql, session: NewSession): Promise<boolean> {
  const opened = await sql`
    with ended as (
      delete from staff_sessions where token_hash = ${session.replaces} or expires_at < now()
    )
    insert into staff_sessions (token_hash, staff_id, expires_at)
    select ${session.tokenHash}, id, now() + make_interval(secs => ${session.hours * 3600})
    from staff
    where id = ${session.staffId} and password_hash = ${session.passwordHash} and disabled_at is null
    for share`;
  return opened.count === 1;
}

export interface StaffMember {
  id: string;
  email: string;
  role: StaffRole;
  /** Logged in with a one-time password: the only permitted action is to choose another. */
  mustChoosePassword: boolean;
}

/**
 * The account behind a session token; null once it expired, idled too long, the account was disabled or its one-time
 * password expired. Role and account are read every time, so that a change takes effect with the next click. "Seen" is
 * written once a minute at most.
 */
export async function findStaffSession(
  sql: Sql,
  tokenHash: Buffer,
  idleMinutes: number,
): Promise<StaffMember | null> {
  const [row] = await sql<StaffMember[]>`
    with live as (
      select s.token_hash, s.last_seen_at, a.id, a.email, a.role,
        a.one_time_until is not null as must_choose
      from staff_sessions s
      join staff a on a.id = s.staff_id
      where s.token_hash = ${tokenHash}
        and s.expires_at > now()
        and s.last_seen_at > now() - make_interval(mins => ${idleMinutes})
        and a.disabled_at is null
        and (a.one_time_until is null or a.one_time_until > now())
    ), seen as (
      update staff_sessions s set last_seen_at = now()
      from live
      where s.token_hash = live.token_hash and live.last_seen_at < now() - interval '1 minute'
    )
    select id, email, role, must_choose as "mustChoosePassword" from live`;
  return row ?? null;
}

/** Ends a session at once; does nothing if it has already ended. */
export async function closeStaffSession(sql: Sql, tokenHash: Buffer): Promise<void> {
  await sql`delete from staff_sessions where token_hash = ${tokenHash}`;
}

/** Removes expired sessions of the dashboard. Returns how many were removed. */
export async function pruneStaffSessions(sql: Sql): Promise<number> {
  const rows = await sql`delete from staff_sessions where expires_at < now()`;
  return rows.count;
}
