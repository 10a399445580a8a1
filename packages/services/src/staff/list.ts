import type { StaffSession } from '@carillon/db/staff/read-sessions';
import { listStaffPage, type StaffRow } from '@carillon/db/staff/read-staff';
import { assertInstallation, type ReachContext } from '../context.ts';
import { type Page, type PageInput, pageOf } from '../page.ts';
import { viewGrant } from './add.ts';
import type { LinkOutcome } from './link.ts';

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
    name: member.name,
    roles: member.grants.map(viewGrant),
    enabled: member.disabledAt === null,
    /** Whether the person has chosen a password or logs in by an OpenID provider. */
    has_login: member.hasLogin,
    two_factor: member.twoFactor,
    created_at: member.createdAt.toISOString(),
    disabled_at: member.disabledAt?.toISOString() ?? null,
    last_seen_at: member.lastSeenAt?.toISOString() ?? null,
  };
}

/** What became of an invitation or a reset, as JSON. */
export function viewLink({ url, sent, expiresAt }: LinkOutcome) {
  return { url, sent, expires_at: expiresAt.toISOString() };
}

/** A session as JSON; its token is never shown. */
export function viewSession(session: StaffSession, current: string | null) {
  return {
    id: session.id,
    current: session.id === current,
    created_at: session.createdAt.toISOString(),
    last_seen_at: session.lastSeenAt.toISOString(),
    expires_at: session.expiresAt.toISOString(),
    ip_address: session.ipAddress,
    user_agent: session.userAgent,
  };
}
