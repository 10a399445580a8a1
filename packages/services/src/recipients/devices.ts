import { untilObeyed } from '@carillon/core/notification/facts-hold';
import { isAboutToSendTo } from '@carillon/db/notifications/is-about-to-send';
import {
  type AddedDevice,
  addDevice as addRow,
  type Device,
  MAX_DEVICES,
  removeDevice as removeRow,
} from '@carillon/db/recipients/devices';
import type { ServiceContext } from '../context.ts';
import { noSuchRecipient, type RecipientInput } from './no-such-recipient.ts';

/** The maximum number of devices of each kind per recipient. */
export { MAX_DEVICES };

/**
 * Registers a device for push, or refreshes a known one. It is removed from its previous recipient.
 *
 * @throws ProblemError 404.
 */
export async function addDevice(
  { db }: Pick<ServiceContext, 'db'>,
  { tenant, recipientId, device }: RecipientInput & { device: Device },
): Promise<AddedDevice> {
  const added = await addRow(db, tenant, recipientId, device);
  if (added === null) throw noSuchRecipient(recipientId);
  return added;
}

/**
 * Removes a device, if it exists. Returns when no call to it is written any more.
 *
 * @throws ProblemError 404 for an unknown recipient.
 */
export async function removeDevice(
  { db }: Pick<ServiceContext, 'db'>,
  { tenant, recipientId, device }: RecipientInput & { device: Device },
): Promise<void> {
  const outcome = await removeRow(db, tenant, recipientId, device);
  if (outcome === 'not_found') throw noSuchRecipient(recipientId);
  if (outcome === 'removed' && (await isAboutToSendTo(db, tenant, recipientId))) await untilObeyed();
}
