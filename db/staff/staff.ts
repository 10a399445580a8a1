import type { Grant } from '@carillon/core/access/roles';
import type { Sql, TransactionSql } from 'postgres';

/** A person with an account of the dashboard, as people may see it: never the password's hash. */
export interface StaffRow {
  id: string;
  email: string;
  name: string;
  grants: Grant[];
  createdAt: Date;
  disabledAt: Date | null;
  /** Whether a password was chosen, or an identity of an OpenID provider is linked. */
  hasLogin: boolean;
  twoFactor: boolean;
  /** Of the newest session; null without a live session. */
  lastSeenAt: Date | null;
}

const columns = (sql: Sql | TransactionSql) => sql`
  id, email, name, created_at as "createdAt", disabled_at as "disabledAt", two_factor_enabled as "twoFactor",
  exists (select from staff_credentials c where c.staff_id = staff.id) as "hasLogin",
  (select max(last_seen_at) from staff_logins l where l.staff_id = staff.id and l.expires_at > now()) as "lastSeenAt",
  ${grantsOf(sql)} as grants`;

/** The roles of the person `staff.id`, as JSON in the shape of `Grant`. */
export const grantsOf = (sql: Sql | TransactionSql) => sql`
  coalesce((
    select jsonb_agg(
      jsonb_build_object('role', r.role, 'appId', r.app_id, 'environment', r.environment)
      order by r.role, r.app_id nulls first, r.environment nulls first)
    from staff_roles r where r.staff_id = staff.id), '[]')`;

/** One change of staff at a time, so that two owners cannot disable each other. */
export async function lockStaff(tx: TransactionSql): Promise<void> {
  await tx`select pg_advisory_xact_lock(hashtext('carillon.staff'))`;
}

export async function insertStaff(
  tx: TransactionSql,
  member: { email: string; name: string; grants: readonly Grant[] },
): Promise<StaffRow> {
  const [row] = await tx<[{ id: string }]>`
    insert into staff (email, name) values (${member.email}, ${member.name}) returning id`;
  await replaceGrants(tx, row.id, member.grants);
  return (await findStaff(tx, row.id))!;
}

/** @param who an id, or an e-mail address in any case. */
export async function findStaff(sql: Sql | TransactionSql, who: string): Promise<StaffRow | null> {
  const [row] = await sql<StaffRow[]>`
    select ${columns(sql)} from staff where id::text = ${who} or lower(email) = lower(${who}) limit 1`;
  return row ?? null;
}

/** How many others can log in as owners of the whole installation. */
export async function countOtherOwners(tx: TransactionSql, id: string): Promise<number> {
  const [row] = await tx<[{ count: number }]>`
    select count(distinct staff.id)::int as count from staff
    join staff_roles r on r.staff_id = staff.id
    where r.role = 'owner' and r.app_id is null and r.environment is null
      and staff.disabled_at is null and staff.id <> ${id}`;
  return row.count;
}

/** The roles of a person are these and no others. */
export async function replaceGrants(tx: TransactionSql, id: string, grants: readonly Grant[]): Promise<void> {
  await tx`delete from staff_roles where staff_id = ${id}`;
  for (const { role, appId, environment } of grants)
    await tx`
      insert into staff_roles (staff_id, role, app_id, environment)
      values (${id}, ${role}, ${appId}, ${environment}) on conflict do nothing`;
}

export async function renameStaffRow(tx: TransactionSql, id: string, name: string): Promise<void> {
  await tx`update staff set name = ${name}, updated_at = now() where id = ${id}`;
}

/** @param enabled false ends every session too, so that enabling the account again revives none. */
export async function setStaffEnabledRow(tx: TransactionSql, id: string, enabled: boolean): Promise<void> {
  await tx`
    update staff set disabled_at = ${enabled ? null : tx`coalesce(disabled_at, now())`}, updated_at = now()
    where id = ${id}`;
  if (!enabled) await endLogins(tx, id);
}

/** The password opens nothing any more, links sent before neither, and every session ends. */
export async function forgetPassword(tx: TransactionSql, id: string): Promise<void> {
  await tx`delete from staff_credentials where staff_id = ${id} and provider = 'credential'`;
  await tx`delete from staff_tokens where value = ${id}`;
  // The release before this one reads these columns.
  await tx`update staff set password_hash = null, one_time_until = null, updated_at = now() where id = ${id}`;
  await tx`delete from staff_sessions where staff_id = ${id}`;
  await endLogins(tx, id);
}

/** For a person who has lost the device and the recovery codes. */
export async function forgetSecondFactor(tx: TransactionSql, id: string): Promise<void> {
  await tx`delete from staff_two_factors where staff_id = ${id}`;
  await tx`update staff set two_factor_enabled = false, updated_at = now() where id = ${id}`;
}

/**
 * After the change of the account, never before: a login in progress that commits later is refused with its first
 * request, because an account that is disabled or has no password opens no session.
 */
export async function endLogins(tx: TransactionSql, staffId: string): Promise<void> {
  await tx`delete from staff_logins where staff_id = ${staffId}`;
}

/** @param hashedIdentifier as better-auth stores it: SHA-256 of `reset-password:<token>`, base64url. */
export async function insertPasswordLink(
  tx: TransactionSql,
  staffId: string,
  hashedIdentifier: string,
  hours: number,
): Promise<Date> {
  const [row] = await tx<[{ expiresAt: Date }]>`
    insert into staff_tokens (identifier, value, expires_at)
    values (${hashedIdentifier}, ${staffId}, now() + make_interval(hours => ${hours}))
    returning expires_at as "expiresAt"`;
  return row.expiresAt;
}

/** Oldest first. @param after the id of the last one of the previous page. Accounts are disabled, never removed. */
export async function listStaffPage(sql: Sql, after: string | undefined, limit: number): Promise<StaffRow[]> {
  return sql<StaffRow[]>`
    select ${columns(sql)} from staff
    ${after === undefined ? sql`` : sql`where (created_at, id) > (select created_at, id from staff where id = ${after})`}
    order by created_at, id limit ${limit}`;
}
