import type { OnEntered } from '@carillon/core/notification/entered';
import type { Lane } from '@carillon/core/notification/lane';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { doubtStuckSending } from '@carillon/db/doubts/doubt-stuck-sending';
import { requeueLost } from '@carillon/db/outbox/requeue';
import { findStuck, requeueStuckPending } from '@carillon/db/outbox/stuck';
import type { Producer } from '@carillon/queue/producer';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { type LaneFront, laneFronts } from './lane-fronts.ts';
import { merged, rotation, type Stretch, type Window, windows } from './windows.ts';

/**
 * Finds stuck notifications although Redis was never lost as a whole: queued notifications whose job is gone (a job
 * deleted by hand, the last second of an append-only file), pending ones without an outbox row, claims that no open
 * attempt leads to. A queued one is lost when its lane is empty, or already hands out notifications queued well after
 * it.
 *
 * Hot states have no index, so the sweep walks creation time. Of an empty lane it remembers that everything until now
 * has left it; of a busy one it looks at what was created shortly before its front. A notification in neither stretch
 * (it went back into a queue long after it was created) is found by the rotation: a few windows of the whole table each
 * turn.
 */
export interface SweepOptions {
  sql: Sql;
  producer: Producer;
  wake(priority: Priority): void;
  /** Called for each notification that is in doubt now. */
  onEntered?: OnEntered;
  now?(): number;
  /** Windows of the rotation in a turn. */
  olderWindows?: number;
}

/** Reading costs some microseconds a row: under a flood the sweep is late rather than a burden. */
const REST_TIMES = 20;

/** The newest stretch, and the one before a busy lane's front, is checked again for this long. */
const LOOK_BACK_MS = 4 * 60_000;

/** Younger ones are still in transit: they cannot be stuck yet. */
const YOUNG_MS = 30_000;

/** How far back a process looks at once when it starts. */
const FIRST_LOOK_MS = 24 * 60 * 60_000;

/** A pending one without an outbox row. */
const STUCK_PENDING_AFTER_MS = 2 * 60_000;

/** After the end of a lease; rescue looks every few seconds. */
const STUCK_SENDING_AFTER_MS = 60_000;

/** A window is one statement, and a minute may hold a quarter of a million rows. */
const WINDOW_MS = 60_000;
const BATCH = 2000;

export function sweep({
  sql,
  producer,
  wake,
  onEntered,
  now = Date.now,
  olderWindows = 40,
}: SweepOptions): Duty {
  /** Notifications of the lane created before this have left it. */
  const leftUpTo = new Map<Lane, number>();
  const older = rotation(sql, WINDOW_MS);
  const firstLook = now() - FIRST_LOOK_MS;

  return {
    name: 'sweep',
    everyMs: 10_000,
    restTimes: REST_TIMES,
    async runOnce() {
      const lookBack = now() - LOOK_BACK_MS;
      const fronts = await laneFronts(producer, now());
      const stretches = fronts.map(({ lane, queuedBefore, empty }): Stretch => {
        const front = queuedBefore.getTime();
        return [empty ? (leftUpTo.get(lane) ?? firstLook) : front - LOOK_BACK_MS, front];
      });
      let total = 0;
      for (const stretch of merged([...stretches, [lookBack, now() - YOUNG_MS]]))
        for await (const window of windows(sql, stretch, WINDOW_MS)) total += await repair(window, fronts);
      for (const { lane, empty } of fronts) if (empty) leftUpTo.set(lane, lookBack);
      for await (const window of older(olderWindows, lookBack)) total += await repair(window, fronts);
      if (total > 0) for (const priority of PRIORITIES) wake(priority);
      return total;
    },
  };

  async function repair(window: Window, lanes: readonly LaneFront[]): Promise<number> {
    const { from, to } = window;
    const { lost, stuckPending, stuckSending } = await findStuck(sql, {
      ...window,
      lanes,
      stuckPendingAfterMs: STUCK_PENDING_AFTER_MS,
      stuckSendingAfterMs: STUCK_SENDING_AFTER_MS,
    });
    let total = 0;
    if (lost) total += await requeueLost(sql, { ...window, lanes }, BATCH);
    if (stuckPending)
      total += await all(() => requeueStuckPending(sql, from, to, STUCK_PENDING_AFTER_MS, BATCH));
    if (stuckSending)
      total += await all(() => doubtStuckSending(sql, from, to, STUCK_SENDING_AFTER_MS, BATCH, onEntered));
    return total;
  }
}

/** Repeats a limited statement until there is nothing left for it. */
async function all(act: () => Promise<number>): Promise<number> {
  let total = 0;
  for (;;) {
    const count = await act();
    total += count;
    if (count < BATCH) return total;
  }
}
