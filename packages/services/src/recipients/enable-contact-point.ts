import { ProblemError } from '@carillon/core/text/problem';
import { enableContactPoint as enableRow } from '@carillon/db/recipients/enable-contact-point';
import { type ContactPointRow, getRecipient } from '@carillon/db/recipients/people';
import type { ActorContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from './no-such-recipient.ts';

/**
 * Lets a disabled contact point be used again.
 *
 * @throws ProblemError 404 for an unknown recipient or contact point.
 */
export async function enableContactPoint(
  { db, actor }: ActorContext,
  { tenant, ...input }: RecipientInput & { id: string; why: string | undefined },
): Promise<ContactPointRow> {
  const enabled = await enableRow(db, tenant, input, actor);
  if (enabled !== null) return enabled;
  const { recipientId, id } = input;
  if ((await getRecipient(db, tenant, recipientId)) === null) throw noSuchRecipient(recipientId);
  throw new ProblemError(
    'not_found',
    `The recipient ${JSON.stringify(recipientId.slice(0, 64))} has no contact point ${id}. GET the recipient: its contact_points have their ids.`,
  );
}
