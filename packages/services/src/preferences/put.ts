import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { isAboutToSendTo } from '@carillon/db/notifications/is-about-to-send';
import { wakeHeld } from '@carillon/db/outbox/wake-held';
import {
  type PreferencesFields,
  putPreferences as putRow,
} from '@carillon/db/preferences/change-preferences';
import type { PreferencesRow } from '@carillon/db/preferences/preferences';
import type { ServiceContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from '../recipients/no-such-recipient.ts';

/**
 * Changes a recipient's preferences. When this returns, they apply to every message whose first byte is not written
 * yet.
 *
 * @throws ProblemError 404.
 */
export async function putPreferences(
  { db, wake }: Pick<ServiceContext, 'db' | 'wake'>,
  { tenant, recipientId, fields }: RecipientInput & { fields: PreferencesFields },
): Promise<PreferencesRow> {
  const changed = await putRow(db, tenant, recipientId, fields);
  if (changed === null) throw noSuchRecipient(recipientId);
  const { row, woken, holdChanged } = changed;
  for (const priority of woken) wake(priority);
  if (await isAboutToSendTo(db, tenant, recipientId)) {
    await untilObeyed();
    // Notifications claimed before the change may have been held by the old quiet hours or pause meanwhile.
    if (holdChanged) for (const priority of await wakeHeld(db, tenant, recipientId)) wake(priority);
  }
  return row;
}
