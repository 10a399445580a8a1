import { noteReview } from '@carillon/db/restore/change-installation';
import { countFates, countHeldBack, FATES, type Fate, type ReviewRow } from '@carillon/db/restore/review';
import { assertInstallation, type ReachContext } from '../context.ts';
import { type RestoredInstallation, restoredInstallation } from './under-review.ts';

/** The report of a restore. */
export interface Review {
  installation: RestoredInstallation;
  /** By kind and by what has become of them; every fate is there. */
  counts: Record<ReviewRow['kind'], Record<Fate, number>>;
  /** Bulk notifications that wait for the release, in the outbox. */
  heldBack: number;
}

/**
 * Reports what a restore has put in doubt and what has become of it, and notes that somebody has looked.
 *
 * @throws Refusal if the database was never restored; ProblemError 403 without the reach of the installation.
 */
export async function reviewRestore(ctx: ReachContext): Promise<Review> {
  assertInstallation(ctx);
  const installation = await restoredInstallation(ctx.db);
  const none = () => Object.fromEntries(FATES.map((fate) => [fate, 0])) as Record<Fate, number>;
  const counts = { known: none(), repeated: none() };
  for (const { kind, fate, count } of await countFates(ctx.db, installation.restoredAt))
    counts[kind][fate] = count;
  const heldBack = await countHeldBack(ctx.db);
  await noteReview(ctx.db);
  return { installation, counts, heldBack };
}
