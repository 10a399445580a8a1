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

/**
 * Prepares a doubt that a restore has made: its call may have been made at any time between the backup and the restore,
 * by the account that a delivery would choose. Other doubts stay as they are.
 *
 * @returns null if another process moved it, or an older one of its ordering key comes first.
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
  const account = await accountOf(timed, ctx);
  if (account === undefined) return timed;
  const isNamed = await nameRestoredAccount(ctx.sql, timed, account);
  return isNamed ? { ...timed, provider: account } : null;
}

/**
 * The account that a delivery would call first, or another one that has the message: then the first had refused it.
 * Undefined if none may carry the message.
 */
async function accountOf(row: DoubtRow, ctx: ResolveContext): Promise<string | undefined> {
  const rendered = await messageOf(row, ctx);
  if (!rendered.ok) return undefined;
  const message = carried(unclaimed(row), rendered.message);
  const [first, ...others] = rank(ctx.accounts, message, row.tried, row.id);
  for (const other of others) {
    if (!other.adapter.lookup) continue;
    const evidence = await lookUp({ ...row, provider: other.id }, other, ctx);
    // Unclear answers do not count: an account that was never used, as most fallbacks, may prove nothing.
    if (evidence.says === 'accepted') return other.id;
  }
  return first?.id;
}
