import { audit } from '@carillon/db/audit/audit';
import {
  findStaffSession,
  STAFF_IDLE_MINUTES,
  type StaffMember,
  spendSecondFactorCode,
} from '@carillon/db/staff/sessions';
import type { Sql } from 'postgres';

interface Db {
  db: Sql;
}

/** A person signed in, by whatever proof. */
export async function recordSignIn({ db }: Db, { id, email }: { id: string; email: string }): Promise<void> {
  await audit(db, { appId: null, actor: `staff:${email}`, action: 'staff.login', subject: `staff:${id}` });
}

/** A person chose a password by a link. */
export async function recordPassword(
  { db }: Db,
  { id, email }: { id: string; email: string },
): Promise<void> {
  await audit(db, { appId: null, actor: `staff:${email}`, action: 'staff.password', subject: `staff:${id}` });
}

/**
 * The person of a session, which is marked as used now.
 *
 * @returns null if it ended, was idle for an hour, or the account was disabled.
 */
export async function readSession({ db }: Db, sessionId: string): Promise<StaffMember | null> {
  return findStaffSession(db, sessionId, STAFF_IDLE_MINUTES);
}

/**
 * Accepts a code of a second factor once.
 *
 * @param input.session the token of the session that the code has just opened; it ends if the code was used before.
 * @param input.codeHash SHA-256 of the code.
 * @returns whether it is the first use (RFC 6238, section 5.2).
 */
export async function acceptCode(
  { db }: Db,
  { staffId, codeHash, session }: { staffId: string; codeHash: string; session: string },
): Promise<boolean> {
  if (await spendSecondFactorCode(db, staffId, codeHash)) return true;
  await db`delete from staff_logins where token = ${session}`;
  return false;
}
