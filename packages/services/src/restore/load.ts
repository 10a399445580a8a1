import type { KeyRing } from '@carillon/core/notification/envelope';
import { type Loaded, loadBackup } from '@carillon/db/backup/load-backup';
import { type Manifest, readBackup } from '@carillon/db/backup/manifest';
import { assertInstallation, type ReachContext } from '../context.ts';

/**
 * Restores a backup into an empty database and puts it under review.
 *
 * @param ctx.db one session without a statement timeout.
 * @param input.dir as `carillon-admin backup` wrote it; all of it is checked before the database is touched.
 * @param input.ring the keys that the programs will have.
 * @throws Refusal, and then the database is empty as it was; ProblemError 403 without the reach of the installation.
 */
export async function restoreBackup(
  ctx: ReachContext,
  { dir, ring }: { dir: string; ring: KeyRing },
): Promise<Loaded & { manifest: Manifest }> {
  assertInstallation(ctx);
  const manifest = await readBackup(dir);
  return { manifest, ...(await loadBackup(ctx.db, dir, manifest, ring, ctx.actor)) };
}
