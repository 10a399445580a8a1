import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import type { Message } from '@carillon/core/notification/message';
import {
  HELD_BACK,
  HELD_BACK_MS,
  holdsBack,
  mayRepeatUnknownCall,
  RESTORED,
  RESTORED_REASON,
} from '@carillon/core/notification/restore';
import { readCallFacts } from '@carillon/db/restore/installation';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import type { Claimed } from './claimed.ts';
import type { DeliveryContext } from './context.ts';

/**
 * After a restore: ends an attempt that may repeat a call which the restored database does not know. Nothing is called;
 * the attempt is a doubt, and the resolver settles it. One query for each message while the restore is under review,
 * later only for those that were called before; none in a database that was never restored.
 *
 * @returns null if the call may be made.
 */
export async function refuseUnknownCall(
  ctx: DeliveryContext,
  claimed: Claimed,
  account: RegisteredAccount,
  message: Message,
): Promise<AttemptEnd | null> {
  const restore = ctx.restore();
  // The inbox is in the database: it is as old as everything else.
  if (restore === null || claimed.channel === 'in_app') return null;
  if (holdsBack(restore, claimed.priority))
    return { kind: 'unsent', retryInMs: HELD_BACK_MS, reason: HELD_BACK };
  if (restore.released && claimed.attempt_count === 1) return null;
  const facts = await readCallFacts(ctx.sql, claimed.id, account.id, new Date(restore.at));
  if (facts === null) return null;
  const { guarantee, lookup } = account.adapter;
  const call = { ...facts, priority: claimed.priority, now: ctx.clock.now(), guarantee };
  if (!mayRepeatUnknownCall(restore, { ...call, hasLookup: lookup !== undefined })) return null;
  const outcome = { class: 'in_doubt', code: RESTORED, message: RESTORED_REASON, phase: 'written' } as const;
  return { kind: 'answered', outcome, account, latencyMs: 0, message };
}
