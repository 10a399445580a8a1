import { audit } from '@carillon/db/audit/audit';
import { resetStaffPasswordRow } from '@carillon/db/staff/staff';
import { assertInstallation, type ReachContext } from '../context.ts';
import { lockStaffMember } from './find.ts';
import { newOneTimePassword, ONE_TIME_HOURS, type StaffWithPassword } from './one-time.ts';

/**
 * Replaces an account's password with a one-time password and ends all its sessions. The password exists only in the
 * result. A disabled account stays disabled.
 *
 * @param input.who an id or an e-mail address.
 * @throws ProblemError 403 without the reach of the installation, 404.
 */
export async function resetStaff(ctx: ReachContext, input: { who: string }): Promise<StaffWithPassword> {
  assertInstallation(ctx);
  const { oneTimePassword, passwordHash } = await newOneTimePassword();
  const member = await ctx.db.begin(async (tx) => {
    const { id } = await lockStaffMember(tx, input.who);
    const row = await resetStaffPasswordRow(tx, id, passwordHash, ONE_TIME_HOURS);
    await audit(tx, { appId: null, actor: ctx.actor, action: 'staff.reset', subject: `staff:${id}` });
    return row;
  });
  return { member, oneTimePassword };
}
