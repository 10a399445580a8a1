import { type Grant, ROLE_NAMES } from '@carillon/core/access/roles';
import { readEmail } from '@carillon/core/recipient/email-address';
import { ProblemError } from '@carillon/core/text/problem';
import { findApp } from '@carillon/db/apps/apps';
import { audit } from '@carillon/db/audit/audit';
import { findStaff, type StaffRow } from '@carillon/db/staff/read-staff';
import { insertStaff, lockStaff } from '@carillon/db/staff/staff';
import type { TransactionSql } from 'postgres';
import { noSuchApp } from '../apps/find.ts';
import { assertInstallation, invalidField, type ReachContext, refusedField } from '../context.ts';
import { handOver, INVITATION_HOURS, type LinkContext, type LinkOutcome, makePasswordLink } from './link.ts';

export interface StaffWithLink {
  member: StaffRow;
  link: LinkOutcome;
}

/**
 * Adds a dashboard account and invites its owner: the link opens the page on which the person chooses a password.
 *
 * @throws ProblemError 403 without the reach of the installation, 404 for an unknown app, 409 if the address has an
 *   account, 422.
 */
export async function addStaff(
  ctx: ReachContext & LinkContext,
  input: { email: string; name?: string | undefined; grants: readonly Grant[] },
): Promise<StaffWithLink> {
  assertInstallation(ctx);
  const email = checkedStaffEmail(input.email);
  const { member, link } = await ctx.db.begin(async (tx) => {
    const member = await insertAudited(tx, ctx.actor, {
      email,
      name: input.name ?? '',
      grants: input.grants,
    });
    return { member, link: await makePasswordLink(tx, member.id, INVITATION_HOURS) };
  });
  return { member, link: await handOver(ctx, member, link, 'invitation') };
}

/** @returns in lower case, which is how logins look it up. @throws ProblemError 422. */
export function checkedStaffEmail(text: string): string {
  const read = readEmail(text);
  if ('problem' in read) throw invalidField('email', text, read.problem);
  return read.email.toLowerCase();
}

/** @throws ProblemError 404 for an unknown app, 409 if the address has an account, 422 without a role. */
export async function insertAudited(
  tx: TransactionSql,
  actor: string,
  wanted: { email: string; name: string; grants: readonly Grant[] },
): Promise<StaffRow> {
  await lockStaff(tx);
  const known = await findStaff(tx, wanted.email);
  if (known !== null)
    throw new ProblemError(
      'invalid_state',
      `${known.email} has an account already, ${known.id}${known.disabledAt ? ' (disabled)' : ''}. Reset its password, enable it, or change its roles instead.`,
    );
  await assertGrants(tx, wanted.grants);
  const member = await insertStaff(tx, wanted);
  await audit(tx, {
    appId: null,
    actor,
    action: 'staff.add',
    subject: `staff:${member.id}`,
    detail: { roles: member.grants.map(viewGrant) },
  });
  return member;
}

/** @throws ProblemError 404 for an unknown app, 422 without a role. */
export async function assertGrants(tx: TransactionSql, grants: readonly Grant[]): Promise<void> {
  if (grants.length === 0)
    throw refusedField(
      'roles',
      `is empty; give one at least of ${ROLE_NAMES.join(', ')}, or disable the account`,
    );
  for (const appId of new Set(grants.map((grant) => grant.appId)))
    if (appId !== null && (await findApp(tx, appId)) === null) throw noSuchApp(appId);
}

/** A role as JSON. */
export function viewGrant({ role, appId, environment }: Grant) {
  return { role, app_id: appId, environment };
}
