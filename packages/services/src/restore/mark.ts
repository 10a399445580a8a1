import { Refusal } from '@carillon/core/program/refusal';
import { audit } from '@carillon/db/audit/audit';
import { assertNobodyIsConnected } from '@carillon/db/backup/connect';
import { readInstallation } from '@carillon/db/restore/installation';
import { type Marked, markRestored } from '@carillon/db/restore/mark-restored';
import { newestRecord } from '@carillon/db/restore/review';
import { assertInstallation, type ReachContext } from '../context.ts';

/** What other tools write may carry the clock of another machine. */
const CLOCKS_MS = 60_000;

/**
 * Marks a database that another tool has restored (point-in-time recovery, a snapshot of a managed server, pg_restore),
 * as "carillon-admin restore load" does for its own backups.
 *
 * @param ctx.db one session without a statement timeout: the statements read whole tables.
 * @param recoveredTo the moment whose data was restored. If the newest record is older, that counts: it is earlier, so
 * more is in doubt and nothing is missed.
 * @throws Refusal; ProblemError 403 without the reach of the installation.
 */
export async function markDatabaseRestored(
  ctx: ReachContext,
  recoveredTo: Date,
): Promise<Marked & { id: string; restoredTo: Date }> {
  assertInstallation(ctx);
  await assertNobodyIsConnected(ctx.db);
  const newest = await newestRecord(ctx.db);
  return ctx.db.begin(async (tx) => {
    const { id, now, restoredTo: before, restoredAt, releasedAt } = await readInstallation(tx, true);
    if (restoredAt !== null && releasedAt === null)
      throw new Refusal(
        'under_review',
        `This database was restored to ${before?.toISOString()} and that restore is still under review. Settle and release it first: "carillon-admin restore review".`,
      );
    if (before?.getTime() === recoveredTo.getTime())
      throw new Refusal(
        'already_restored',
        `This database was marked as restored to ${before.toISOString()} before, and released. Give the moment of the new restore.`,
      );
    if (recoveredTo > now)
      throw new Refusal(
        'wrong_moment',
        `--recovered-to is ${recoveredTo.toISOString()}, and it is ${now.toISOString()} now. Give the moment of the data, in the past.`,
      );
    if (newest !== null && newest.getTime() > recoveredTo.getTime() + CLOCKS_MS)
      throw new Refusal(
        'wrong_moment',
        `--recovered-to is ${recoveredTo.toISOString()}, and the database has records of ${newest.toISOString()}. Give the moment that the data is of: calls before it are taken as known.`,
      );
    const restoredTo = newest !== null && newest < recoveredTo ? newest : recoveredTo;
    const marked = await markRestored(tx, restoredTo);
    await audit(tx, {
      appId: null,
      actor: ctx.actor,
      action: 'installation.restore',
      subject: `installation:${id}`,
      detail: { restored_to: restoredTo.toISOString(), recovered_to: recoveredTo.toISOString(), ...marked },
    });
    return { ...marked, id, restoredTo };
  });
}
