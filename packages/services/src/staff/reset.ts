import { audit } from '@carillon/db/audit/audit';
import { findStaff } from '@carillon/db/staff/read-staff';
import { forgetPassword, forgetSecondFactor } from '@carillon/db/staff/staff';
import { assertInstallation, type ReachContext } from '../context.ts';
import type { StaffWithLink } from './add.ts';
import { lockStaffMember } from './find.ts';
import { handOver, INVITATION_HOURS, type LinkContext, makePasswordLink } from './link.ts';

/**
 * Takes an account's password away, ends all its sessions and makes a link for another password. A disabled account
 * stays disabled.
 *
 * @param input.who an id or an e-mail address.
 * @param input.secondFactor whether the second factor is removed too, for a lost device.
 * @throws ProblemError 403 without the reach of the installation, 404.
 */
export async function resetStaff(
  ctx: ReachContext & LinkContext,
  input: { who: string; secondFactor?: boolean | undefined },
): Promise<StaffWithLink> {
  assertInstallation(ctx);
  const { member, link } = await ctx.db.begin(async (tx) => {
    const { id } = await lockStaffMember(tx, input.who);
    await forgetPassword(tx, id);
    if (input.secondFactor) await forgetSecondFactor(tx, id);
    const detail = input.secondFactor ? { second_factor: true } : {};
    await audit(tx, { appId: null, actor: ctx.actor, action: 'staff.reset', subject: `staff:${id}`, detail });
    return { member: (await findStaff(tx, id))!, link: await makePasswordLink(tx, id, INVITATION_HOURS) };
  });
  return { member, link: await handOver(ctx, member, link, 'reset') };
}
