import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { isStillTheirs } from '@carillon/core/notification/compose';
import type { Doubt } from '@carillon/core/notification/doubt';
import { mayCarry } from '@carillon/core/provider/rank';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { render } from '@carillon/services/notifications/render';
import { attach } from '../../deliver/attach.ts';
import { carried } from '../../deliver/choose.ts';
import { endOfBrokenStep, type Ready } from '../../deliver/deliver.ts';
import { guard } from '../../deliver/guard.ts';
import { permit } from '../../deliver/permit.ts';
import type { ResolveContext } from './context.ts';
import { inOrder } from './in-order.ts';
import { unclaimed } from './message-of.ts';

export type Prepared =
  /** `detach` releases the call's shared resources: its call slot at the account, memory of files. */
  { ok: true; call: Ready; detach(): void } | { ok: false; obstacle: NonNullable<Doubt['obstacle']> };

/**
 * All checks of a delivery before its call, made before the lease is taken again: the first call may not have arrived,
 * and then the repeat is the one that reaches the person. The message is the one that was sent, where it was kept.
 *
 * Also checks whether the account may carry it at all: a worker that died between claim and choose left the account it
 * expected, which may belong to another environment; and accounts change.
 */
export async function prepareRepeat(
  row: DoubtRow,
  account: RegisteredAccount,
  ctx: ResolveContext,
): Promise<Prepared> {
  try {
    return await prepared(row, account, ctx);
  } catch (error) {
    ctx.onError(error, row.id);
    return { ok: false, obstacle: obstacleOf(endOfBrokenStep(error, false), row.now.getTime()) };
  }
}

async function prepared(row: DoubtRow, account: RegisteredAccount, ctx: ResolveContext): Promise<Prepared> {
  const claimed = unclaimed(row);
  const at = row.now.getTime();
  const guarded = await guard(ctx, claimed);
  if (!guarded.ok) return { ok: false, obstacle: obstacleOf(guarded.end, at) };
  const rendered = row.rendered
    ? ({ ok: true, message: inOrder(row.rendered) } as const)
    : await render(ctx, claimed, guarded.compose);
  if (!rendered.ok) return { ok: false, obstacle: obstacleOf(rendered.end, at) };
  if (!isStillTheirs(claimed, rendered.message))
    return { ok: false, obstacle: { why: NOT_THEIRS, until: null } };
  if (!mayCarry(account, carried(claimed, rendered.message)))
    return { ok: false, obstacle: { why: `${account.id} is not for this message`, until: null } };
  const attached = await attach(ctx, claimed, rendered.message);
  if (!attached.ok) return { ok: false, obstacle: obstacleOf(attached.end, at) };
  const permitted = await permit(ctx, claimed, account).catch((error: unknown) => {
    ctx.onError(error, row.id);
    return { ok: false, end: endOfBrokenStep(error, true) } as const;
  });
  if (permitted.ok) {
    const { leave } = permitted;
    const detach = (): void => {
      leave();
      attached.detach();
    };
    return { ok: true, call: { account, message: attached.message, leave }, detach };
  }
  attached.detach();
  return { ok: false, obstacle: obstacleOf(permitted.end, at) };
}

const NOT_THEIRS = 'the address it went to was removed or disabled since';

/** A URL that returns no file now may return it a minute later. */
const UNREADY_MS = 60_000;

/** Whatever ends or holds an attempt prevents a repeat: permanently, or until its time. */
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
