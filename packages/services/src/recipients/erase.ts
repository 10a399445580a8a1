import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { eraseRecipient as eraseRow } from '@carillon/db/recipients/erase-recipient';
import type { ActorContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from './no-such-recipient.ts';

/**
 * Erases a recipient; unsent notifications are cancelled. Returns when no call to the person is written any more.
 *
 * @param input.suppress whether the person's addresses are never written to again.
 * @throws ProblemError 404.
 */
export async function eraseRecipient(
  { db, actor }: ActorContext,
  { tenant, recipientId, suppress }: RecipientInput & { suppress: boolean },
): Promise<void> {
  const erased = await eraseRow(db, tenant, recipientId, { suppress, actor });
  if (erased === null) throw noSuchRecipient(recipientId);
  if (erased.calls > 0) await untilObeyed();
}
