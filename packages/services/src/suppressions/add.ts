import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { Tenant } from '@carillon/db/connection/tenant';
import { isAboutToSendBy } from '@carillon/db/notifications/is-about-to-send';
import { type NewSuppression, putSuppression } from '@carillon/db/recipients/change-suppressions';
import type { SuppressionRow } from '@carillon/db/recipients/suppressions';
import type { ActorContext } from '../context.ts';

/**
 * Suppresses an address; one that is already suppressed keeps its first reason. Returns when no call to it is
 * written any more.
 */
export async function addSuppression(
  { db, actor }: ActorContext,
  { tenant, suppression }: { tenant: Tenant; suppression: NewSuppression },
): Promise<{ row: SuppressionRow; created: boolean }> {
  const put = await putSuppression(db, tenant, suppression, actor);
  if (put.created && (await isAboutToSendBy(db, tenant, suppression.channel))) await untilObeyed();
  return put;
}
