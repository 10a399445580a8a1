import { type Lane, partsOf } from '@carillon/core/notification/lane';
import { holdsBack, type Restore } from '@carillon/core/notification/restore';
import type { Log } from '@carillon/core/program/log';
import { readInstallation } from '@carillon/db/restore/installation';
import type { Sql } from 'postgres';
import type { Duty } from './service.ts';

/**
 * The last restore of the database, as this process knows it. Known before the first job is taken: a database is
 * restored while no program is connected. Read again every few seconds, for the release.
 */
export interface RestoreWatch {
  /** Null if the database was never restored. */
  restore(): Restore | null;
  isUnderReview(): boolean;
  /** Whether the messages of a lane wait for the release. */
  holds(lane: Lane): boolean;
  duty: Duty;
}

const EVERY_MS = 2000;

/** @param onLook takes whether a restore is under review. */
export async function openRestoreWatch(
  sql: Sql,
  log: Pick<Log, 'warn' | 'info'>,
  onLook: (isUnderReview: boolean) => void,
): Promise<RestoreWatch> {
  let known: Restore | null = null;

  const isUnderReview = (): boolean => known !== null && !known.released;

  const look = async (): Promise<void> => {
    const { restoredTo, restoredAt, releasedAt } = await readInstallation(sql);
    const wasUnderReview = isUnderReview();
    known =
      restoredTo === null || restoredAt === null
        ? null
        : { to: restoredTo.getTime(), at: restoredAt.getTime(), released: releasedAt !== null };
    onLook(isUnderReview());
    if (isUnderReview() && !wasUnderReview)
      log.warn(
        'the database was restored and is under review: bulk messages wait, and calls that may have been made since the backup are doubts. Run "carillon-admin restore review", then "carillon-admin restore release"',
        { restored_to: restoredTo?.toISOString(), restored_at: restoredAt?.toISOString() },
      );
    if (wasUnderReview && !isUnderReview()) log.info('the restore is released: bulk messages go again');
  };

  await look();
  return {
    restore: () => known,
    isUnderReview,
    holds: (lane) => holdsBack(known, partsOf(lane).priority),
    duty: {
      name: 'restore',
      everyMs: EVERY_MS,
      runOnce: async () => {
        await look();
        return 0;
      },
    },
  };
}
