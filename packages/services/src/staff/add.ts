import type { StaffRole } from '@carillon/core/access/access';
import { readEmail } from '@carillon/core/recipient/email-address';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { findStaff, insertStaff, lockStaff, type StaffRow } from '@carillon/db/staff/staff';
import type { TransactionSql } from 'postgres';
import { assertInstallation, invalidField, type ReachContext } from '../context.ts';
import { newOneTimePassword, ONE_TIME_HOURS, type StaffWithPassword } from './one-time.ts';

/**
 * Adds a dashboard account with a one-time password, which exists only in the result: it opens the page on which the
 * person chooses a password, and nothing else.
 *
 * @throws ProblemError 403 without the reach of the installation, 409 if the address has an account, 422.
 */
export async function addStaff(
  ctx: ReachContext,
  input: { email: string; role: StaffRole },
): Promise<StaffWithPassword> {
  assertInstallation(ctx);
  const email = checkedStaffEmail(input.email);
  const { oneTimePassword, passwordHash } = await newOneTimePassword();
  const member = await ctx.db.begin((tx) => insertAudited(tx, ctx.actor, email, input.role, passwordHash));
  return { member, oneTimePassword };
}

/** @throws ProblemError 422. */
export function checkedStaffEmail(text: string): string {
  const read = readEmail(text);
  if ('problem' in read) throw invalidField('email', text, read.problem);
  return read.email;
}

/** @throws ProblemError 409 if the address has an account. */
export async function insertAudited(
  tx: TransactionSql,
  actor: string,
  email: string,
  role: StaffRole,
  passwordHash: string,
): Promise<StaffRow> {
  await lockStaff(tx);
  const known = await findStaff(tx, email);
  if (known !== null)
    throw new ProblemError(
      'invalid_state',
      `${known.email} has an account already, ${known.id} (${known.role}${known.disabledAt ? ', disabled' : ''}). Reset its password, enable it, or change its role instead.`,
    );
  const member = await insertStaff(tx, { email, role, passwordHash, oneTimeHours: ONE_TIME_HOURS });
  await audit(tx, {
    appId: null,
    actor,
    action: 'staff.add',
    subject: `staff:${member.id}`,
    detail: { role },
  });
  return member;
}
