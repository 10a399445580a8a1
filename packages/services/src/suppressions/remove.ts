import type { Channel } from '@carillon/core/notification/channel';
import type { Tenant } from '@carillon/db/connection/tenant';
import { deleteSuppression } from '@carillon/db/recipients/change-suppressions';
import type { ActorContext } from '../context.ts';

/** Lifts the suppression of an address, if there is one. */
export async function removeSuppression(
  { db, actor }: ActorContext,
  { tenant, channel, addressHash }: { tenant: Tenant; channel: Channel; addressHash: Buffer },
): Promise<void> {
  await deleteSuppression(db, tenant, { channel, addressHash }, actor);
}
