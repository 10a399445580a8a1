import type { Grant } from '@carillon/core/access/roles';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { countOtherOwners, findStaff, type StaffRow } from '@carillon/db/staff/read-staff';
import { renameStaffRow, replaceGrants, setStaffEnabledRow } from '@carillon/db/staff/staff';
import type { TransactionSql } from 'postgres';
import { assertInstallation, type ReachContext } from '../context.ts';
import { assertGrants, viewGrant } from './add.ts';
import { lockStaffMember } from './find.ts';

export interface StaffChange {
  /** An id or an e-mail address. */
  who: string;
  name?: string | undefined;
  /** All roles that the person then has. */
  grants?: readonly Grant[] | undefined;
  enabled?: boolean | undefined;
}

/**
 * Changes an account's name and roles, disables or enables it; omitted fields stay. Roles and account are read with
 * every request, at most 5 s late; disabling also ends every session.
 *
 * @throws ProblemError 403 without the reach of the installation, 404, 409 if no owner would be left, 422.
 */
export async function changeStaff(ctx: ReachContext, input: StaffChange): Promise<StaffRow> {
  assertInstallation(ctx);
  return ctx.db.begin(async (tx) => {
    const before = await lockStaffMember(tx, input.who);
    const note = (action: string, detail?: Record<string, unknown>) =>
      audit(tx, {
        appId: null,
        actor: ctx.actor,
        subject: `staff:${before.id}`,
        action,
        ...(detail && { detail }),
      });
    await assertOwnerIsLeft(tx, before, input);
    if (input.name !== undefined && input.name !== before.name) {
      await renameStaffRow(tx, before.id, input.name);
      await note('staff.rename');
    }
    if (input.grants !== undefined) {
      await assertGrants(tx, input.grants);
      await replaceGrants(tx, before.id, input.grants);
      await note('staff.roles', {
        roles: input.grants.map(viewGrant),
        roles_before: before.grants.map(viewGrant),
      });
    }
    if (input.enabled !== undefined && input.enabled !== (before.disabledAt === null)) {
      await setStaffEnabledRow(tx, before.id, input.enabled);
      await note(input.enabled ? 'staff.enable' : 'staff.disable');
    }
    return (await findStaff(tx, before.id))!;
  });
}

const isOwner = ({ role, appId, environment }: Grant): boolean =>
  role === 'owner' && appId === null && environment === null;

async function assertOwnerIsLeft(
  tx: TransactionSql,
  { id, email, grants, disabledAt }: StaffRow,
  input: StaffChange,
): Promise<void> {
  const owns = grants.some(isOwner) && disabledAt === null;
  const staysOwner = (input.grants ?? grants).some(isOwner) && input.enabled !== false;
  if (!owns || staysOwner || (await countOtherOwners(tx, id)) > 0) return;
  throw new ProblemError(
    'invalid_state',
    `${email} is the only owner who can log in. Give another account the role owner first.`,
  );
}
