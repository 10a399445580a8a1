import { rank } from '@carillon/core/provider/rank';
import { deferDoubt } from '@carillon/db/doubts/decisions';
import type { DoubtRow } from '@carillon/db/doubts/take-doubts';
import { isBehindInLine } from '@carillon/db/order/is-line-busy';
import { nameRestoredAccount } from '@carillon/db/restore/name-restored-account';
import { carried } from '../../deliver/choose.ts';
import type { ResolveContext } from './context.ts';
import { lookUp } from './look-up.ts';
import { messageOf, unclaimed } from './message-of.ts';

/** An older one of its ordering key is settled first. */
const BEHIND_MS = 1000;
/** Other accounts that do not answer are asked again this often, for this long after the restore. */
const ASK_AGAIN_MS = 15_000;
const PATIENCE_MS = 10 * 60_000;

/**
 * Prepares a doubt that a restore has made: its call may have been made at any time between the backup and the restore,
 * by the account that a delivery would choose. Other doubts stay as they are.
 *
 * @returns null if another process moved it, if an older one of its ordering key comes first, or if it is too early to
 *   tell which account may have the message.
 */
export async function afterRestore(row: DoubtRow, ctx: ResolveContext): Promise<DoubtRow | null> {
  const restore = ctx.restore();
  if (!row.restored || restore === null) return row;
  if (row.ordering_key !== null && (await isBehindInLine(ctx.sql, row.id))) {
    await deferDoubt(ctx.sql, row, new Date(row.now.getTime() + BEHIND_MS), null);
    return null;
  }
  const startedAt = new Date(Math.min(row.started_at.getTime(), restore.to));
  // A repeat of it has ended later.
  const endedAt = row.repeats === 0 ? new Date(restore.at) : row.ended_at;
  const timed: DoubtRow = { ...row, started_at: startedAt, ended_at: endedAt };
  if (row.provider !== '') return timed;
  const account = await accountOf(timed, restore.at, ctx);
  if (account instanceof Date) {
    await deferDoubt(ctx.sql, row, account, null);
    return null;
  }
  if (account === undefined) return timed;
  const isNamed = await nameRestoredAccount(ctx.sql, timed, account);
  return isNamed ? { ...timed, provider: account } : null;
}

/**
 * The account that a delivery would call first, or another one that has the message: then the first had refused it.
 *
 * @param restoredAt after which the lost programs made no call, in ms since the epoch.
 * @returns undefined if none may carry the message; a time at which to ask again if another account cannot know yet.
 */
async function accountOf(
  row: DoubtRow,
  restoredAt: number,
  ctx: ResolveContext,
): Promise<string | undefined | Date> {
  const rendered = await messageOf(row, ctx);
  if (!rendered.ok) return undefined;
  const message = carried(unclaimed(row), rendered.message);
  const [first, ...others] = rank(ctx.accounts, message, row.tried, row.id);
  const now = row.now.getTime();
  let knownAt = now;
  for (const other of others) {
    const { lookup } = other.adapter;
    if (!lookup) continue;
    const evidence = await lookUp({ ...row, provider: other.id }, other, ctx);
    if (evidence.says === 'accepted') return other.id;
    // Its list may lag behind its calls, and an answer that did not come may come. After that an unclear answer does not
    // count: an account that was never used, as most fallbacks, may prove nothing.
    knownAt = Math.max(knownAt, restoredAt + lookup.settlesAfterMs);
    const isUnanswered = evidence.says === 'unknown' && evidence.askAgain === true;
    if (isUnanswered && now < restoredAt + PATIENCE_MS) knownAt = Math.max(knownAt, now + ASK_AGAIN_MS);
  }
  return knownAt > now ? new Date(knownAt) : first?.id;
}
