import { Refusal } from '@carillon/core/program/refusal';
import { audit } from '@carillon/db/audit/audit';
import { noteRelease } from '@carillon/db/restore/change-installation';
import { assertInstallation, type ReachContext } from '../context.ts';
import { type RestoredInstallation, restoredInstallation } from './under-review.ts';

/**
 * Ends the review of a restore: bulk messages go, and new requests are sent without a check. Doubts stay as they are.
 *
 * @throws Refusal if there is nothing to release or nobody has looked at the report; ProblemError 403.
 */
export async function releaseRestore(ctx: ReachContext): Promise<RestoredInstallation> {
  assertInstallation(ctx);
  return ctx.db.begin(async (tx) => {
    const installation = await restoredInstallation(tx, true);
    const { id, restoredTo, reviewedAt, releasedAt, releasedBy } = installation;
    if (releasedAt !== null)
      throw new Refusal(
        'already_restored',
        `The restore to ${restoredTo.toISOString()} was released at ${releasedAt.toISOString()} by ${releasedBy}. There is nothing to do.`,
      );
    if (reviewedAt === null)
      throw new Refusal(
        'not_reviewed',
        `Nobody has looked at the report of the restore to ${restoredTo.toISOString()}. Run "carillon-admin restore review" first; what has gone since the backup cannot be called back after the release.`,
      );
    const at = await noteRelease(tx, ctx.actor);
    await audit(tx, {
      appId: null,
      actor: ctx.actor,
      action: 'installation.release',
      subject: `installation:${id}`,
      detail: { restored_to: restoredTo.toISOString(), reviewed_at: reviewedAt.toISOString() },
    });
    return { ...installation, releasedAt: at, releasedBy: ctx.actor };
  });
}
