import { createHash, randomBytes } from 'node:crypto';
import type { Log } from '@carillon/core/program/log';
import { insertPasswordLink } from '@carillon/db/staff/staff';
import { hasEmailAccount, STAFF_APP_ID, STAFF_CATEGORY, upsertStaffApp } from '@carillon/db/staff/staff-app';
import type { Sql, TransactionSql } from 'postgres';
import type { Accept } from '../notifications/accept.ts';
import { submissionOf } from '../notifications/accept-submission.ts';

/** An invitation lasts over a weekend; a reset that a person asked for is used at once. */
export const INVITATION_HOURS = 72;
export const RESET_HOURS = 1;

/** How links reach people. Without `accept` (carillon-admin) or an e-mail account they are shown to the one who asked. */
export interface LinkContext {
  db: Sql;
  /** The public address of the dashboard, without a trailing slash; undefined: links begin with a slash. */
  dashboardUrl?: string | undefined;
  accept?: Accept | undefined;
  log?: Pick<Log, 'warn'> | undefined;
}

/** A link on which a person chooses a password. It works once. */
export interface PasswordLink {
  token: string;
  expiresAt: Date;
}

/** What became of a link. */
export interface LinkOutcome {
  expiresAt: Date;
  /** Whether it was sent to the person by e-mail. */
  sent: boolean;
  /** The link, if it was not sent: shown once, to be handed over on another way. */
  url: string | null;
}

/** Stores a link in the form in which better-auth looks it up: SHA-256 of its identifier. */
export async function makePasswordLink(
  tx: TransactionSql,
  staffId: string,
  hours: number,
): Promise<PasswordLink> {
  const token = randomBytes(24).toString('base64url');
  const identifier = createHash('sha256').update(`reset-password:${token}`).digest('base64url');
  return { token, expiresAt: await insertPasswordLink(tx, staffId, identifier, hours) };
}

/** Hands a link over, after the transaction that made it. */
export async function handOver(
  ctx: LinkContext,
  member: { email: string; name: string },
  { token, expiresAt }: PasswordLink,
  purpose: 'invitation' | 'reset',
): Promise<LinkOutcome> {
  const url = `${ctx.dashboardUrl ?? ''}/choose-password?token=${token}`;
  const sent =
    ctx.dashboardUrl !== undefined && (await sendPasswordLink(ctx, member, url, expiresAt, purpose));
  return { expiresAt, sent, url: sent ? null : url };
}

const TEXTS = {
  invitation: {
    subject: 'Your account for the notification dashboard',
    first: 'You have been given an account for the notification dashboard. Choose your password here:',
    last: 'If you did not expect this, ask the person who runs the notification system.',
  },
  reset: {
    subject: 'A new password for the notification dashboard',
    first: 'Choose a new password for the notification dashboard here:',
    last: 'If you did not ask for this, do nothing: your password stays as it is.',
  },
} as const;

/**
 * Sends a link by the system's own e-mail channel, in the lane of one-time passwords. Its text is removed as soon as it
 * was sent.
 *
 * @returns whether the message was accepted; false without an e-mail account, or if it could not be stored.
 */
export async function sendPasswordLink(
  { db, accept, log }: LinkContext,
  { email, name }: { email: string; name: string },
  url: string,
  expiresAt: Date,
  purpose: 'invitation' | 'reset',
): Promise<boolean> {
  if (accept === undefined || !(await hasEmailAccount(db))) return false;
  await upsertStaffApp(db);
  const { subject, first, last } = TEXTS[purpose];
  const until = `${expiresAt.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  const text = `Hello${name === '' ? '' : ` ${name}`},\n\n${first}\n\n${url}\n\nThe link works once, until ${until}.\n${last}\n`;
  const key = `staff-link-${randomBytes(12).toString('hex')}`;
  const hash = `\\x${createHash('sha256').update(key).digest('hex')}`;
  const submission = submissionOf(
    { appId: STAFF_APP_ID, environment: 'live' },
    {
      to: { email },
      content: { subject, text },
      priority: 'critical',
      category: STAFF_CATEGORY,
      expires_at: expiresAt.toISOString(),
    },
    ['email'],
    key,
    hash,
    0,
  );
  const [verdict] = await accept([submission]);
  if (verdict !== undefined && 'accepted' in verdict) return true;
  log?.warn('a link for a password could not be sent', {});
  return false;
}
