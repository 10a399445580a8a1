import type { Delivery, Ending, Release } from '@carillon/core/notification/attempt-end';
import type { DatabaseClock } from '@carillon/core/program/database-clock';
import { groupCommit } from '@carillon/core/program/group-commit';
import { type Assignment, assignProviders } from '@carillon/db/attempts/assign-providers';
import { explainRefusals } from '@carillon/db/attempts/claim-notifications';
import { recordAccepted } from '@carillon/db/attempts/record-accepted';
import { recordOutcomes } from '@carillon/db/attempts/record-outcomes';
import { releaseClaims } from '@carillon/db/attempts/release-claims';
import { groupStatements } from '@carillon/db/connection/group-statements';
import { notificationLocks } from '@carillon/db/notifications/locked-notifications';
import { type CapAsk, takeCaps } from '@carillon/db/preferences/caps';
import { type AboutToWrite, readWishes } from '@carillon/db/preferences/read-wishes';
import { applyRejections } from '@carillon/db/receipts/apply-rejections';
import { findPersonal, type Whose } from '@carillon/db/recipients/people';
import { findSuppressions, type SuspectAddress } from '@carillon/db/recipients/suppressions';
import type { Sql } from 'postgres';
import type { DeliveryReport } from './report.ts';

/**
 * The statements that deliveries share: requests made in the same turn of the event loop, or while a statement is in
 * flight, go as one statement (group commit). `maxInFlight` is how many of a kind are in flight at a time; statements
 * that take locks go one by one.
 */
export type Groups = ReturnType<typeof openGroups>;

export const MAX_GROUP = 250;

export interface GroupsOptions {
  sql: Sql;
  clock: DatabaseClock;
  gatherMs: number;
  report: Pick<DeliveryReport, 'groupsOf'>;
}

export function openGroups({ sql, clock, gatherMs, report }: GroupsOptions) {
  const locks = notificationLocks(sql);
  const limits = (maxInFlight: number) => (statement: string) => ({
    maxGroup: MAX_GROUP,
    maxInFlight,
    onGroup: report.groupsOf(statement),
  });
  const one = limits(1);
  const two = limits(2);
  return {
    findSuppression: groupStatements(
      (asked: SuspectAddress[]) => findSuppressions(sql, asked),
      two('suppressions'),
    ),
    takeCap: groupStatements((asked: CapAsk[]) => takeCaps(sql, asked), one('caps')),
    readWishes: groupStatements(async (asked: AboutToWrite[]) => {
      const sentAt = performance.now();
      const rows = new Map((await readWishes(sql, asked)).map((row) => [row.id, row]));
      for (const { now } of rows.values()) clock.observe(sentAt, now);
      return asked.map(({ id }) => ({ row: rows.get(id), sentAt }));
    }, two('wishes')),
    findPersonal: groupCommit((asked: Whose[]) => findPersonal(sql, asked), two('time_zones')),
    /** @returns whether the claim still holds. */
    assignProvider: groupStatements(
      async (assignments: Assignment[]) => {
        const held = await assignProviders(sql, assignments);
        return assignments.map(({ id }) => held.has(id));
      },
      { ...two('assign'), locks },
    ),
    /**
     * Cancels or parks what was given back because its origin is stopped.
     *
     * @returns null if the stop was lifted meanwhile.
     */
    settleStopped: groupStatements(async (ids: string[]): Promise<(Delivery | null)[]> => {
      const rows = new Map((await explainRefusals(sql, ids)).map((row) => [row.id, row]));
      return ids.map((id) => {
        const row = rows.get(id);
        return row?.stopped ? { now: 'settled', state: row.state } : null;
      });
    }, one('stopped')),
    record: groupStatements((endings: Ending[]) => recordGroup(sql, endings), {
      ...one('record'),
      locks,
      gatherMs,
    }),
    journal: groupStatements((endings: Ending[]) => recordAndFollow(sql, endings), {
      ...one('journal'),
      locks,
    }),
    /** @returns whether the claim still held. */
    release: groupStatements(
      async (releases: Release[]) => {
        const moved = await releaseClaims(sql, releases);
        return releases.map(({ id }) => moved.has(id));
      },
      { ...one('release'), locks },
    ),
  };
}

/** The result of recording an outcome: `late` if its lease was lost and the journal does not have it yet. */
export type Stored = 'moved' | 'journalled' | 'late';

/**
 * Nearly every group consists of accepted outcomes only, for which a shorter statement is enough. An outcome whose
 * lease was lost is journalled after it and not with it: its answer is kept until then, and a process that dies before
 * leaves the existing doubt.
 */
async function recordGroup(sql: Sql, endings: readonly Ending[]): Promise<Stored[]> {
  if (endings.some(({ outcome }) => outcome !== 'accepted')) return recordAndFollow(sql, endings);
  const moved = await recordAccepted(sql, endings);
  return endings.map(({ id }) => (moved.has(id) ? 'moved' : 'late'));
}

/** What a provider reported about an address is stored in the commit that records it. */
async function recordAndFollow(sql: Sql, endings: readonly Ending[]): Promise<Stored[]> {
  const refused = endings.flatMap((ending) => ending.refused ?? []);
  const moved =
    refused.length === 0
      ? await recordOutcomes(sql, endings)
      : await sql.begin(async (tx) => {
          const ids = await recordOutcomes(tx, endings);
          await applyRejections(tx, refused);
          return ids;
        });
  return endings.map(({ id }) => (moved.has(id) ? 'moved' : 'journalled'));
}
