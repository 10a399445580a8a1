import { composeFor } from '@carillon/core/notification/compose';
import type { Message } from '@carillon/core/notification/message';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import { render } from '@carillon/services/notifications/render';
import type { Claimed, Step } from '../../deliver/claimed.ts';
import type { DeliveryContext } from '../../deliver/context.ts';

/**
 * The message of the doubtful call: as it was kept, else rendered again from the same rows. Only for querying the
 * provider about it, so no preferences are checked.
 */
export async function messageOf(row: DoubtRow, ctx: DeliveryContext): Promise<Step<{ message: Message }>> {
  if (row.rendered) return { ok: true, message: row.rendered };
  const claimed = unclaimed(row);
  const compose = composeFor(claimed);
  if (compose) return render(ctx, claimed, compose);
  const reason = `no usable ${row.channel} contact point is left`;
  return { ok: false, end: { kind: 'impossible', code: 'no_contact_point', reason } };
}

/** For steps that only read: no lease exists yet. */
export function unclaimed(row: DoubtRow): Claimed {
  return { ...row, leaseToken: '', leaseEndsAt: 0, expectedProvider: row.provider };
}
