import type { Channel } from '@carillon/core/notification/channel';
import type { Tenant } from '@carillon/db/connection/tenant';
import { deleteSuppression } from '@carillon/db/recipients/change-suppressions';
import type { ActorContext } from '../context.ts';

/** Lifts the suppression of an address, if there is one. @param input.why kept in the audit log. */
export async function removeSuppression(
  { db, actor }: ActorContext,
  input: { tenant: Tenant; channel: Channel; addressHash: Buffer; why?: string | undefined },
): Promise<void> {
  const { tenant, channel, addressHash, why } = input;
  await deleteSuppression(db, tenant, { channel, addressHash, why }, actor);
}
