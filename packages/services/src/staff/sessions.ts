import { ProblemError } from '@carillon/core/text/problem';
import { audit } from '@carillon/db/audit/audit';
import { endStaffSession } from '@carillon/db/staff/sessions';
import type { ActorContext } from '../context.ts';

/**
 * Ends a session of a person. The API and the dashboard refuse it after 5 s at most.
 *
 * @throws ProblemError 404 if the person has no such session.
 */
export async function endSession(
  { db, actor }: ActorContext,
  { staffId, sessionId }: { staffId: string; sessionId: string },
): Promise<void> {
  if (!(await endStaffSession(db, staffId, sessionId)))
    throw new ProblemError(
      'not_found',
      `There is no live session ${JSON.stringify(sessionId.slice(0, 36))}.`,
    );
  const subject = `staff:${staffId}`;
  await audit(db, {
    appId: null,
    actor,
    action: 'staff.end_session',
    subject,
    detail: { session: sessionId },
  });
}
