import type { Channel } from '@carillon/core/notification/channel';
import type { Priority } from '@carillon/core/notification/priority';
import { listRestoredDoubts } from '@carillon/db/restore/review';
import { assertInstallation, type ReachContext, type WakingContext } from '../context.ts';
import { markSent } from '../notifications/mark-sent.ts';
import { MoveRefused } from '../notifications/moved.ts';
import { retryNotification } from '../notifications/retry.ts';
import { restoredInstallation } from './under-review.ts';

export interface Settled {
  settled: number;
  /** Moved by somebody else meanwhile, or expired. */
  left: number;
}

const PAGE = 500;

/**
 * Settles all doubts of a restore that wait for a person, as the person says: each as if it had been settled alone, with
 * its timeline and audit entry.
 *
 * @param input.as `sent`: they went out; `again`: they may arrive twice.
 * @param input.priority only these; null is all. Likewise `channel`.
 * @throws Refusal if the database was never restored; ProblemError 403 without the reach of the installation.
 */
export async function settleRestored(
  ctx: ReachContext & Pick<WakingContext, 'wake'>,
  input: { as: 'sent' | 'again'; priority: Priority | null; channel: Channel | null },
): Promise<Settled> {
  assertInstallation(ctx);
  const { restoredAt } = await restoredInstallation(ctx.db);
  const { as, ...which } = input;
  const done: Settled = { settled: 0, left: 0 };
  let after: string | null = null;
  for (;;) {
    const page = await listRestoredDoubts(ctx.db, { ...which, restoredAt, after }, PAGE);
    for (const { id, ...tenant } of page) {
      try {
        if (as === 'sent') await markSent(ctx, { tenant, id, note: 'settled after a restore' });
        else await retryNotification(ctx, { tenant, id, acceptRisk: true });
        done.settled++;
      } catch (error) {
        if (!(error instanceof MoveRefused)) throw error;
        done.left++;
      }
    }
    if (page.length < PAGE) return done;
    after = page.at(-1)!.id;
  }
}
