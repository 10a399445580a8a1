import { randomUUID } from 'node:crypto';
import { LANES } from '@carillon/core/lane';
import { PRIORITIES, type Priority } from '@carillon/core/priority';
import { findDelayed } from '@carillon/db/queries/find-delayed';
import { oldestNotification } from '@carillon/db/queries/oldest-notification';
import {
  declareEpoch,
  type Epoch,
  lockEpoch,
  markRebuilt,
  readEpoch,
} from '@carillon/db/queries/redis-epoch';
import { requeueDelayed } from '@carillon/db/queries/requeue-delayed';
import { requeueLost } from '@carillon/db/queries/requeue-lost';
import type { Redis } from 'ioredis';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { type Stretch, windows } from './windows.ts';

/**
 * Notices that Redis was lost (FLUSHALL, an empty disk, a failover to an empty replica) and rebuilds the lanes: a random
 * key there must equal its copy in PostgreSQL. If not, a new epoch is declared and everything that had a job is
 * announced again; the relay paces it. Rows queued after the declaration have their job already.
 */
export interface EpochOptions {
  sql: Sql;
  redis: Redis;
  namespace: string;
  wake(priority: Priority): void;
}

/** A window may be one statement, and a minute may hold a quarter of a million rows. */
const WINDOW_MS = 60_000;
const BATCH = 2000;

/** Ids of delayed ones in memory at a time. */
const PAGE = 50_000;

/** What was created this long before the loss is announced first: most of what waits, and all that is urgent. */
const RECENT_MS = 24 * 60 * 60_000;

/**
 * A relay that had put its jobs into the lost Redis may commit after the rebuild came by. Its transaction lasts no longer
 * than this (`idle_in_transaction_session_timeout` and some), so the recent ones are looked at again when it is over.
 */
const SECOND_LOOK_AFTER_MS = 15_000;

export function epoch({ sql, redis, namespace, wake }: EpochOptions): Duty {
  const key = `{${namespace}:epoch}`;
  /** The epoch whose first look this process has taken. */
  let lookedAt: string | null = null;

  return {
    name: 'epoch',
    everyMs: 2000,
    async runOnce() {
      let known = await readEpoch(sql, namespace);
      if (known === null || (await redis.get(key)) !== known.epoch) known = await declareLoss();
      return known?.rebuild_from ? rebuild(known, known.rebuild_from.getTime()) : 0;
    },
  };

  /** Under a lock, so that of several processes that notice the same loss one declares it and the others find it done. */
  async function declareLoss(): Promise<Epoch | null> {
    return sql.begin(async (tx) => {
      await lockEpoch(tx, namespace);
      const known = await readEpoch(tx, namespace);
      if (known !== null && (await redis.get(key)) === known.epoch) return known;
      // A first start has nothing to rebuild; any other difference is a loss.
      const rebuildFrom = known === null ? null : await oldestNotification(tx);
      const next = randomUUID();
      await declareEpoch(tx, namespace, next, rebuildFrom);
      await redis.set(key, next);
      return readEpoch(tx, namespace);
    });
  }

  async function rebuild(
    { epoch: current, changed_at: lostAt, age_ms }: Epoch,
    from: number,
  ): Promise<number> {
    const last = age_ms >= SECOND_LOOK_AFTER_MS;
    if (lookedAt === current && !last) return 0;
    const recent = Math.max(from, lostAt.getTime() - RECENT_MS);
    // What came after the loss has its job and is not taken, so looking a while past it costs little.
    let total = await rebuildQueued(lostAt, [recent, lostAt.getTime() + WINDOW_MS]);
    total += await rebuildDelayed(lostAt);
    total += await rebuildQueued(lostAt, [from, recent], (upTo) =>
      markRebuilt(sql, namespace, current, upTo),
    );
    await markRebuilt(sql, namespace, current, last ? null : new Date(recent));
    lookedAt = current;
    return total;
  }

  async function rebuildQueued(
    lostAt: Date,
    stretch: Stretch,
    onWindow?: (upTo: Date) => Promise<void>,
  ): Promise<number> {
    // PostgreSQL's moment has microseconds, ours has lost them.
    const queuedBefore = new Date(lostAt.getTime() + 1);
    const lanes = LANES.map((lane) => ({ lane, queuedBefore }));
    let total = 0;
    for await (const { from, to } of windows(sql, stretch, WINDOW_MS)) {
      total += await requeueLost(sql, { from, to, lanes }, BATCH, ring);
      await onWindow?.(to);
    }
    return total;
  }

  async function rebuildDelayed(lostAt: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const ids = await findDelayed(sql, lostAt, PAGE);
      let count = 0;
      for (let k = 0; k < ids.length; k += BATCH)
        count += await requeueDelayed(sql, ids.slice(k, k + BATCH), lostAt);
      if (count > 0) ring();
      total += count;
      if (ids.length < PAGE || count === 0) return total;
    }
  }

  function ring(): void {
    for (const priority of PRIORITIES) wake(priority);
  }
}
