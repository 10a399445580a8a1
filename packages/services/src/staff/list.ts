import { listStaffPage, type StaffRow } from '@carillon/db/staff/staff';
import { assertInstallation, type ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';

/** Dashboard accounts, oldest first, disabled ones too. @throws ProblemError 403 without the reach of the installation. */
export async function listStaff(ctx: ReachContext, input: PageInput): Promise<Page<StaffRow>> {
  assertInstallation(ctx);
  return pageOf(input, (limit) => listStaffPage(ctx.db, input.after, limit));
}

/** An account as JSON, for the API and for carillon-admin --json. */
export function viewStaff(member: StaffRow) {
  return {
    id: member.id,
    email: member.email,
    role: member.role,
    enabled: member.disabledAt === null,
    created_at: member.createdAt.toISOString(),
    disabled_at: member.disabledAt?.toISOString() ?? null,
    one_time_password_until: member.oneTimeUntil?.toISOString() ?? null,
    last_seen_at: member.lastSeenAt?.toISOString() ?? null,
  };
}
