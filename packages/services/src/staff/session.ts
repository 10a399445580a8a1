import { audit } from '@carillon/db/audit/audit';
import {
  closeStaffSession,
  findStaffSession,
  type NewSession,
  openStaffSession,
  type StaffMember,
} from '@carillon/db/staff/sessions';
import type { ServiceContext } from '../context.ts';

type Db = Pick<ServiceContext, 'db'>;

/**
 * Opens a session after the password was checked.
 *
 * @returns false, and no session, if the account was disabled or its password replaced since.
 */
export async function openSession(
  { db }: Db,
  { email, ...session }: NewSession & { email: string },
): Promise<boolean> {
  if (!(await openStaffSession(db, session))) return false;
  const subject = `staff:${session.staffId}`;
  await audit(db, { appId: null, actor: `staff:${email}`, action: 'staff.login', subject });
  return true;
}

/**
 * The account of a session, which is marked as used now.
 *
 * @param input.tokenHash SHA-256 of the secret in the cookie.
 * @returns null if it ended, was idle for too many minutes, or its account may not log in any more.
 */
export async function useSession(
  { db }: Db,
  { tokenHash, idleMinutes }: { tokenHash: Buffer; idleMinutes: number },
): Promise<StaffMember | null> {
  return findStaffSession(db, tokenHash, idleMinutes);
}

/** Ends a session at once, if it exists. */
export async function endSession({ db }: Db, { tokenHash }: { tokenHash: Buffer }): Promise<void> {
  await closeStaffSession(db, tokenHash);
}
