import { ProblemError } from '@carillon/core/text/problem';
import { findStaff, type StaffRow } from '@carillon/db/staff/read-staff';
import { lockStaff } from '@carillon/db/staff/staff';
import type { TransactionSql } from 'postgres';

/**
 * The account under the lock of all changes of staff.
 *
 * @param who an id, or an e-mail address in any case.
 * @throws ProblemError 404.
 */
export async function lockStaffMember(tx: TransactionSql, who: string): Promise<StaffRow> {
  await lockStaff(tx);
  const member = await findStaff(tx, who);
  if (member !== null) return member;
  throw new ProblemError(
    'not_found',
    `There is no staff account ${JSON.stringify(who.slice(0, 320))}. GET /v1/staff and "carillon-admin staff list" list them.`,
  );
}
