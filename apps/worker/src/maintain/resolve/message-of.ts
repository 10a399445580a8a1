import type { Message } from '@carillon/core/message';
import type { DoubtRow } from '@carillon/db/queries/take-doubts';
import { CHANNEL_RULES } from '../../channels/channel.ts';
import type { Claimed, Step, Steps } from '../../deliver/steps.ts';

/**
 * What the doubtful call said: as it was kept, else rendered again from the same rows. Only for asking the provider
 * about it, so nobody's wishes are looked at.
 */
export async function messageOf(row: DoubtRow, render: Steps['render']): Promise<Step<{ message: Message }>> {
  if (row.rendered) return { ok: true, message: row.rendered };
  const claimed = unclaimed(row);
  const compose = CHANNEL_RULES[claimed.channel](claimed);
  if (compose) return render(claimed, compose);
  const reason = `no usable ${row.channel} contact point is left`;
  return { ok: false, end: { kind: 'impossible', code: 'no_contact_point', reason } };
}

/** For steps that only read: nobody holds a lease yet. */
export function unclaimed(row: DoubtRow): Claimed {
  return { ...row, leaseToken: '', leaseEndsAt: 0, expectedProvider: row.provider };
}
