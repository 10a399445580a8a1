import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { isAboutToSendTo } from '@carillon/db/notifications/is-about-to-send';
import { getRecipient, type RecipientRow } from '@carillon/db/recipients/people';
import { putRecipient as putRow, type RecipientFields } from '@carillon/db/recipients/put-recipient';
import type { ServiceContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from './no-such-recipient.ts';

/**
 * Creates or changes a recipient: an omitted field stays, null removes it. Returns when no call to an earlier address
 * is written any more.
 *
 * @throws ProblemError 404 if the recipient was erased meanwhile.
 */
export async function putRecipient(
  { db }: Pick<ServiceContext, 'db'>,
  { tenant, recipientId, fields }: RecipientInput & { fields: RecipientFields },
): Promise<{ recipient: RecipientRow; created: boolean }> {
  const created = await putRow(db, tenant, recipientId, fields);
  const changesAddress = fields.email !== undefined || fields.phone !== undefined;
  if (!created && changesAddress && (await isAboutToSendTo(db, tenant, recipientId))) await untilObeyed();
  const recipient = await getRecipient(db, tenant, recipientId);
  if (recipient === null) throw noSuchRecipient(recipientId);
  return { recipient, created };
}
