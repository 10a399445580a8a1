import type { Lane } from '@carillon/core/notification/lane';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { type Epoch, markRebuilt } from '@carillon/db/outbox/redis-epoch';
import { requeueDelayed, requeueLost } from '@carillon/db/outbox/requeue';
import { findDelayed } from '@carillon/db/outbox/scheduled';
import type { Sql } from 'postgres';
import { type Stretch, windows } from './windows.ts';

/** Lanes that were lost together, and how far their rebuild has come. */
export interface LostLanes {
  /** Of their row in `redis_epoch`. */
  name: string;
  lanes: readonly Lane[];
  epoch: Epoch & { rebuild_from: Date };
}

/** A window may be one statement, and a minute may hold a quarter of a million rows. */
const WINDOW_MS = 60_000;
const BATCH = 2000;

/** Ids of delayed jobs in memory at a time. */
const PAGE = 50_000;

/**
 * Notifications created within this time before the loss are announced first: most of what waits, and all that is
 * urgent.
 */
const RECENT_MS = 24 * 60 * 60_000;

/**
 * A relay that had put its jobs into the lost Redis may commit after the rebuild passed its rows. Its transaction lasts
 * no longer than this (`idle_in_transaction_session_timeout` and a margin), so the recent rows are checked again when
 * it is over.
 */
const SECOND_LOOK_AFTER_MS = 15_000;

/**
 * Announces again everything that had a job in lost lanes; the relay paces it. Lanes that were lost one by one, as on a
 * Redis Cluster, are rebuilt in one walk through the notifications.
 *
 * @returns takes what is lost at the moment and returns how many notifications were announced
 */
export function rebuildLanes(
  sql: Sql,
  wake: (priority: Priority) => void,
): (lost: readonly LostLanes[]) => Promise<number> {
  /** The epochs whose first look this process has taken, by name. */
  const lookedAt = new Map<string, string>();

  return async (lost) => {
    const due = lost.filter(({ name, epoch }) => isLast(epoch) || lookedAt.get(name) !== epoch.epoch);
    if (due.length === 0) return 0;
    const recent = Math.min(...due.map(recentOf));
    // Notifications queued after the loss have their job and are not taken, so looking a while past it costs little.
    const until = Math.max(...due.map(({ epoch }) => epoch.changed_at.getTime())) + WINDOW_MS;
    let total = await rebuildQueued(due, [recent, until]);
    for (const each of due) total += await rebuildDelayed(each);
    const from = Math.min(...due.map(({ epoch }) => epoch.rebuild_from.getTime()));
    total += await rebuildQueued(due, [from, recent], async (upTo) => {
      for (const { name, epoch } of due)
        if (upTo > epoch.rebuild_from) await markRebuilt(sql, name, epoch.epoch, upTo);
    });
    for (const each of due) {
      const { name, epoch } = each;
      await markRebuilt(sql, name, epoch.epoch, isLast(epoch) ? null : new Date(recentOf(each)));
      lookedAt.set(name, epoch.epoch);
    }
    return total;
  };

  async function rebuildQueued(
    lost: readonly LostLanes[],
    stretch: Stretch,
    onWindow?: (upTo: Date) => Promise<void>,
  ): Promise<number> {
    const fronts = lost.flatMap(({ lanes, epoch }) =>
      // PostgreSQL's timestamp has microseconds; a JavaScript date has lost them.
      lanes.map((lane) => ({ lane, queuedBefore: new Date(epoch.changed_at.getTime() + 1) })),
    );
    let total = 0;
    for await (const { from, to } of windows(sql, stretch, WINDOW_MS)) {
      total += await requeueLost(sql, { from, to, lanes: fronts }, BATCH, wakeRelays);
      await onWindow?.(to);
    }
    return total;
  }

  async function rebuildDelayed({ lanes, epoch: { changed_at: lostAt } }: LostLanes): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = await findDelayed(sql, lanes, lostAt, PAGE);
      let count = 0;
      for (let k = 0; k < ids.length; k += BATCH)
        count += await requeueDelayed(sql, ids.slice(k, k + BATCH), lostAt);
      if (count > 0) wakeRelays();
      total += count;
      if (ids.length < PAGE || count === 0) return total;
    }
  }

  function wakeRelays(): void {
    for (const priority of PRIORITIES) wake(priority);
  }
}

const isLast = ({ age_ms }: Epoch): boolean => age_ms >= SECOND_LOOK_AFTER_MS;

function recentOf({ epoch: { changed_at, rebuild_from } }: LostLanes): number {
  return Math.max(rebuild_from.getTime(), changed_at.getTime() - RECENT_MS);
}
