import { untilObeyed } from '@carillon/core/notification/facts-hold';
import type { Tenant } from '@carillon/db/connection/tenant';
import { isAboutToSendToAny } from '@carillon/db/notifications/is-about-to-send';
import {
  type MergedRecipient,
  type MergeResult,
  mergeRecipients,
} from '@carillon/db/recipients/merge-recipients';
import type { ServiceContext } from '../context.ts';

/**
 * Creates or changes many recipients, each as `putRecipient` does: all in one commit. An id that is given more than once
 * is changed in the order of the list. Returns when no further call to an earlier address is written.
 *
 * @returns by the place in the list.
 */
export async function putRecipients(
  { db }: Pick<ServiceContext, 'db'>,
  { tenant, recipients }: { tenant: Tenant; recipients: readonly MergedRecipient[] },
): Promise<MergeResult[]> {
  const results = new Array<MergeResult>(recipients.length);
  await db.begin(async (tx) => {
    for (const turn of turnsOf(recipients)) {
      const merged = await mergeRecipients(
        tx,
        tenant,
        turn.map((index) => recipients[index]!),
      );
      merged.forEach((result, place) => {
        results[turn[place]!] = result;
      });
    }
  });
  const moved = results.flatMap(({ id, addressChanged }) => (addressChanged ? [id] : []));
  if (await isAboutToSendToAny(db, tenant, moved)) await untilObeyed();
  return results;
}

/** Places in the list, in turns that name each id once: the first mention of every id, then the second ... */
function turnsOf(recipients: readonly { id: string }[]): number[][] {
  const mentions = new Map<string, number>();
  const turns: number[][] = [];
  recipients.forEach(({ id }, index) => {
    const nth = mentions.get(id) ?? 0;
    mentions.set(id, nth + 1);
    const turn = turns[nth] ?? [];
    turn.push(index);
    turns[nth] = turn;
  });
  return turns;
}
