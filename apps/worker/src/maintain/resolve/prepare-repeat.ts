import type { Doubt } from '@carillon/core/doubt';
import type { Message } from '@carillon/core/message';
import type { DoubtRow } from '@carillon/db/queries/take-doubts';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { AttemptEnd } from '../../deliver/steps.ts';
import type { ResolveDeps } from './deps.ts';
import { inOrder } from './in-order.ts';
import { unclaimed } from './message-of.ts';

export type Prepared =
  | { ok: true; message: Message; detach(): void }
  | { ok: false; obstacle: NonNullable<Doubt['obstacle']> };

/**
 * All that a delivery is asked before its call, before the lease is taken again: the first call may not have arrived,
 * and then the repeat is the one that reaches the person. The message is the one that was sent, where it was kept.
 *
 * Also whether the account may carry it at all: a worker that died between claim and choose left the account it
 * expected, which may be another environment's; and accounts change.
 */
export async function prepareRepeat(
  row: DoubtRow,
  account: ProviderAccount,
  { steps, ableAccounts }: Pick<ResolveDeps, 'steps' | 'ableAccounts'>,
): Promise<Prepared> {
  const claimed = unclaimed(row);
  const at = row.now.getTime();
  const guarded = await steps.guard(claimed);
  if (!guarded.ok) return { ok: false, obstacle: obstacleOf(guarded.end, at) };
  const rendered = row.rendered
    ? ({ ok: true, message: inOrder(row.rendered) } as const)
    : await steps.render(claimed, guarded.compose);
  if (!rendered.ok) return { ok: false, obstacle: obstacleOf(rendered.end, at) };
  if (!ableAccounts(claimed, rendered.message).some(({ id }) => id === account.id))
    return { ok: false, obstacle: { why: `${account.id} is not for this message`, until: null } };
  const attached = await steps.attach(claimed, rendered.message);
  if (!attached.ok) return { ok: false, obstacle: obstacleOf(attached.end, at) };
  const permitted = await steps.permit(claimed, account).catch((error: unknown) => {
    attached.detach();
    throw error;
  });
  if (permitted.ok) {
    const detach = (): void => {
      permitted.leave();
      attached.detach();
    };
    return { ...attached, detach };
  }
  attached.detach();
  return { ok: false, obstacle: obstacleOf(permitted.end, at) };
}

/** An address that gives no file now may give it a minute later. */
const UNREADY_MS = 60_000;

/** What ends or holds an attempt stands in the way of a repeat: for good, or until its time. */
function obstacleOf(end: AttemptEnd, at: number): NonNullable<Doubt['obstacle']> {
  switch (end.kind) {
    case 'unsent':
      return { why: end.reason, until: at + end.retryInMs };
    case 'unready':
      return { why: end.reason, until: at + UNREADY_MS };
    case 'held':
      return { why: end.reason, until: at + end.forMs };
    case 'answered':
      throw new Error('a step before the call answered for the provider');
    default:
      return { why: end.reason ?? 'expires_at has passed', until: null };
  }
}
