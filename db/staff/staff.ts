import type { Grant } from '@carillon/core/access/roles';
import type { TransactionSql } from 'postgres';
import { findStaff, type StaffRow } from './read-staff.ts';

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
