import { audit } from '@carillon/db/audit/audit';
import type { WakingContext } from '../context.ts';
import type { AcceptMetrics } from '../notifications/accept.ts';
import { acceptRecorded } from '../notifications/accept-recorded.ts';
import type { Accepted } from '../notifications/accept-store.ts';
import type { Submission } from '../notifications/accept-submission.ts';

/**
 * Sends a rendered text of a template as a test: an ordinary notification with inline content.
 *
 * @param input.submission marked as a test, with its recipient.
 * @throws ProblemError 409, 422 as a send.
 */
export async function sendTemplateTest(
  ctx: WakingContext,
  input: {
    key: string;
    version: number | 'draft';
    submission: Submission;
    metrics?: Pick<AcceptMetrics, 'accepted'>;
  },
): Promise<{ accepted: Accepted; replayed: boolean }> {
  const { key, version, submission, metrics } = input;
  const { id, app_id: appId, environment } = submission.row;
  return acceptRecorded(
    ctx,
    submission,
    (tx) =>
      audit(tx, {
        appId,
        actor: ctx.actor,
        action: 'template.test',
        subject: `template:${key}`,
        detail: { environment, version, notification: id },
      }),
    metrics,
  );
}
