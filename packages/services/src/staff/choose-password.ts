import { whyGuessable } from '@carillon/core/access/guessable';
import { hashPassword, MAX_PASSWORD_BYTES } from '@carillon/core/access/password';
import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { replaceOneTimePassword } from '@carillon/db/staff/staff';
import type { Sql } from 'postgres';

/**
 * Sets a password in a session that a one-time password opened. Other sessions of the account end.
 *
 * @param session the token hash of that session.
 * @throws ProblemError 422 for a password that is too short, too long or easily guessed; 409 if the one-time password has
 *   run out or was replaced meanwhile.
 */
export async function choosePassword(
  { db }: { db: Sql },
  input: { session: Buffer; email: string; password: string },
): Promise<void> {
  const why = whyGuessable(input.password, [input.email, ...input.email.split('@')]);
  if (why !== undefined)
    throw refused(`The password ${why}. Take 12 characters or more that are hard to guess.`);
  if (Buffer.byteLength(input.password) > MAX_PASSWORD_BYTES)
    throw refused(`The password has more than ${MAX_PASSWORD_BYTES} bytes. Take a shorter one.`);
  const passwordHash = await hashPassword(input.password);
  await db.begin(async (tx) => {
    const member = await replaceOneTimePassword(tx, input.session, passwordHash);
    if (member === null)
      throw new ProblemError(
        'invalid_state',
        'The one-time password has run out or was replaced. Ask for another: "carillon-admin staff reset".',
      );
    const actor = `staff:${member.email}`;
    await audit(tx, { appId: null, actor, action: 'staff.password', subject: `staff:${member.id}` });
  });
}

/** Never contains the password. */
function refused(detail: string): ProblemError {
  return new ProblemError('invalid_request', detail, { errors: [{ path: 'password', message: detail }] });
}
