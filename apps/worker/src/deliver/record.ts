import { setTimeout as pause } from 'node:timers/promises';
import { groupCommit } from '@carillon/core/group-commit';
import { type Ending, recordOutcomes } from '@carillon/db/queries/record-outcomes';
import { type Release, releaseClaims } from '@carillon/db/queries/release-claims';
import type { Sql } from 'postgres';
import { afterEnding, endingOf } from './ending.ts';
import { afterRelease, releaseOf } from './release.ts';
import type { Delivery, Steps } from './steps.ts';

/**
 * The record step: how an attempt ended becomes a state, guarded by the lease. Endings made together share one
 * statement. What moved nothing (the lease was lost) is journalled there and left to whoever holds the row now.
 */
export function createRecord({
  sql,
  onOutcome,
}: {
  sql: Sql;
  onOutcome(ending: Ending): void;
}): Steps['record'] {
  const group = { maxGroup: 250, maxInFlight: 1 };
  const ended = groupCommit(async (endings: Ending[]) => {
    const moved = await recordOutcomes(sql, endings);
    return endings.map(({ id }) => moved.has(id));
  }, group);
  const released = groupCommit(async (releases: Release[]) => {
    const moved = await releaseClaims(sql, releases);
    return releases.map(({ id }) => moved.has(id));
  }, group);

  return async (claimed, end) => {
    if (end.kind !== 'answered' && end.kind !== 'impossible') {
      const release = releaseOf(claimed, end);
      const moved = await insist(() => released(release));
      return moved ? afterRelease(release) : lookAgain();
    }
    const ending = endingOf(claimed, end, Math.random());
    onOutcome(ending);
    const moved = await insist(() => ended(ending));
    return moved ? afterEnding(ending) : lookAgain();
  };
}

/**
 * What a provider answered must not be forgotten because PostgreSQL restarts: the record is repeated for as long as
 * the lease may stand. Repeating is safe, a lease ends with the first record.
 */
async function insist<T>(write: () => Promise<T>): Promise<T> {
  const giveUpAt = Date.now() + INSIST_MS;
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (Date.now() > giveUpAt) throw error;
      await pause(RECORD_RETRY_MS);
    }
  }
}

const INSIST_MS = 30_000;
const RECORD_RETRY_MS = 250;

/** The row is somebody else's now (rescue called it a doubt): the job looks once more and finds out. */
const lookAgain = (): Delivery => ({ now: 'waiting', at: Date.now() + 1000 });
