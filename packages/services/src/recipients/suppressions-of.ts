import { CHANNEL_OF_KIND } from '@carillon/core/recipient/reachability';
import { addressHashes } from '@carillon/core/recipient/suppression';
import type { Tenant } from '@carillon/db/connection/tenant';
import type { RecipientRow } from '@carillon/db/recipients/people';
import { findSuppressionsOf, type SuppressionRow } from '@carillon/db/recipients/suppressions';
import type { ServiceContext } from '../context.ts';

/** A suppression of one of a person's addresses. */
export interface PointSuppression extends SuppressionRow {
  /** Null for the in-app inbox, which needs no contact point. */
  contactPointId: string | null;
}

/** The suppressions of a person's addresses, in any spelling under which they may be listed, and of their inbox. */
export async function suppressionsOf(
  { db }: Pick<ServiceContext, 'db'>,
  tenant: Tenant,
  { id, contactPoints }: Pick<RecipientRow, 'id' | 'contactPoints'>,
): Promise<PointSuppression[]> {
  const asked = [
    ...contactPoints.map((point) => ({
      channel: CHANNEL_OF_KIND[point.kind],
      address: point.address,
      contactPointId: point.id,
    })),
    { channel: 'in_app' as const, address: id, contactPointId: null },
  ].flatMap(({ channel, address, contactPointId }) =>
    addressHashes(tenant.appId, channel, address).map((hash) => ({ channel, hash, contactPointId })),
  );
  const found = await findSuppressionsOf(db, tenant, asked);
  return found.flatMap((row) => {
    const own = asked.find(({ channel, hash }) => channel === row.channel && hash.equals(row.addressHash));
    return own === undefined ? [] : [{ ...row, contactPointId: own.contactPointId }];
  });
}
