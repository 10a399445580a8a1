import type { StaffRole } from '@carillon/core/access/access';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import {
  countOtherAdmins,
  type StaffRow,
  setStaffEnabledRow,
  setStaffRoleRow,
} from '@carillon/db/staff/staff';
import type { TransactionSql } from 'postgres';
import { assertInstallation, type ReachContext } from '../context.ts';
import { lockStaffMember } from './find.ts';

/**
 * Changes an account's role, disables or enables it; omitted fields stay. The dashboard reads role and account with
 * every request, so a change applies from the next one; disabling also ends every session.
 *
 * @param input.who an id or an e-mail address.
 * @throws ProblemError 403 without the reach of the installation, 404, 409 if no admin would be left.
 */
export async function changeStaff(
  ctx: ReachContext,
  input: { who: string; role?: StaffRole | undefined; enabled?: boolean | undefined },
): Promise<StaffRow> {
  assertInstallation(ctx);
  return ctx.db.begin(async (tx) => {
    const before = await lockStaffMember(tx, input.who);
    await assertAdminIsLeft(tx, before, input);
    const entries: { action: string; detail?: Record<string, unknown> }[] = [];
    let member = before;
    if (input.role !== undefined && input.role !== before.role) {
      member = await setStaffRoleRow(tx, before.id, input.role);
      entries.push({ action: 'staff.role', detail: { role: input.role, role_before: before.role } });
    }
    if (input.enabled !== undefined && input.enabled !== (before.disabledAt === null)) {
      member = await setStaffEnabledRow(tx, before.id, input.enabled);
      entries.push({ action: input.enabled ? 'staff.enable' : 'staff.disable' });
    }
    for (const entry of entries)
      await audit(tx, { appId: null, actor: ctx.actor, subject: `staff:${before.id}`, ...entry });
    return member;
  });
}

async function assertAdminIsLeft(
  tx: TransactionSql,
  { id, email, role, disabledAt }: StaffRow,
  input: { role?: StaffRole | undefined; enabled?: boolean | undefined },
): Promise<void> {
  const isAdmin = role === 'admin' && disabledAt === null;
  const staysAdmin = (input.role ?? role) === 'admin' && input.enabled !== false;
  if (!isAdmin || staysAdmin || (await countOtherAdmins(tx, id)) > 0) return;
  throw new ProblemError(
    'invalid_state',
    `${email} is the only admin who can log in. Give another account the role admin first.`,
  );
}
