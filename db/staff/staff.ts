import type { StaffRole } from '@carillon/core/access/access';
import type { Sql, TransactionSql } from 'postgres';

/** A dashboard account as people may see it: never its password's hash. */
export interface StaffRow {
  id: string;
  email: string;
  role: StaffRole;
  createdAt: Date;
  disabledAt: Date | null;
  /** Until when a one-time password may be used; null once its owner chose one. */
  oneTimeUntil: Date | null;
  /** Of the newest session; null without a live session. */
  lastSeenAt: Date | null;
}

const columns = (sql: Sql | TransactionSql) => sql`
  id, email, role, created_at as "createdAt", disabled_at as "disabledAt", one_time_until as "oneTimeUntil",
  (select max(last_seen_at) from staff_sessions where staff_id = staff.id and expires_at > now()) as "lastSeenAt"`;

/** One change of staff at a time, so that two admins cannot disable each other. */
export async function lockStaff(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('carillon.staff'))`;
}

export async function insertStaff(
  tx: TransactionSql,
  member: { email: string; role: StaffRole; passwordHash: string; oneTimeHours: number },
): Promise<StaffRow> {
  const [row] = await tx<[StaffRow]>`
    insert into staff (email, role, password_hash, one_time_until)
    values (${member.email}, ${member.role}, ${member.passwordHash}, now() + make_interval(hours => ${member.oneTimeHours}))
    returning ${columns(tx)}`;
  return row;
}

/** @param who an id, or an e-mail address in any case. */
export async function findStaff(sql: Sql | TransactionSql, who: string): Promise<StaffRow | null> {
  const [row] = await sql<StaffRow[]>`
    select ${columns(sql)} from staff where id::text = ${who} or lower(email) = lower(${who}) limit 1`;
  return row ?? null;
}

/** How many other admins can log in. */
export async function countOtherAdmins(tx: TransactionSql, id: string): Promise<number> {
  const [row] = await tx<[{ count: number }]>`
    select count(*)::int as count from staff where role = 'admin' and disabled_at is null and id <> ${id}`;
  return row.count;
}

export async function setStaffRoleRow(tx: TransactionSql, id: string, role: StaffRole): Promise<StaffRow> {
  const [row] = await tx<[StaffRow]>`
    update staff set role = ${role} where id = ${id} returning ${columns(tx)}`;
  return row;
}

/** @param enabled false ends every session too, so that enabling the account again revives none. */
export async function setStaffEnabledRow(
  tx: TransactionSql,
  id: string,
  enabled: boolean,
): Promise<StaffRow> {
  await tx`
    update staff set disabled_at = ${enabled ? null : tx`coalesce(disabled_at, now())`} where id = ${id}`;
  if (!enabled) await endSessions(tx, id);
  return (await findStaff(tx, id))!;
}

/** A new one-time password replaces the old password; every session ends. */
export async function resetStaffPasswordRow(
  tx: TransactionSql,
  id: string,
  passwordHash: string,
  oneTimeHours: number,
): Promise<StaffRow> {
  await tx`
    update staff set password_hash = ${passwordHash}, one_time_until = now() + make_interval(hours => ${oneTimeHours})
    where id = ${id}`;
  await endSessions(tx, id);
  return (await findStaff(tx, id))!;
}

/**
 * After the change of the account, never before: a login in progress holds the account's row until its session is
 * committed, and a statement that begins after that sees the session.
 */
async function endSessions(tx: TransactionSql, staffId: string): Promise<void> {
  await tx`delete from staff_sessions where staff_id = ${staffId}`;
}

/** Oldest first. @param after the id of the last one of the previous page. Accounts are disabled, never removed. */
export async function listStaffPage(sql: Sql, after: string | undefined, limit: number): Promise<StaffRow[]> {
  return sql<StaffRow[]>`
    select ${columns(sql)} from staff
    ${after === undefined ? sql`` : sql`where (created_at, id) > (select created_at, id from staff where id = ${after})`}
    order by created_at, id limit ${limit}`;
}

/**
 * Replaces a one-time password by one that its owner chose. Every session of the account ends except the one in which
 * it was chosen.
 *
 * @param keep the token hash of that session, which must be live.
 * @returns the account's address; null if the session is gone, or the password is no longer a one-time password.
 */
export async function replaceOneTimePassword(
  tx: TransactionSql,
  keep: Buffer,
  passwordHash: string,
): Promise<{ id: string; email: string } | null> {
  const [row] = await tx<{ id: string; email: string }[]>`
    update staff set password_hash = ${passwordHash}, one_time_until = null
    where id = (select staff_id from staff_sessions where token_hash = ${keep} and expires_at > now())
      and one_time_until > now() and disabled_at is null
    returning id, email`;
  if (!row) return null;
  await tx`delete from staff_sessions where staff_id = ${row.id} and token_hash <> ${keep}`;
  return row;
}
