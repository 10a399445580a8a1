import { randomUUID } from 'node:crypto';
import { LANES } from '@carillon/core/lane';
import { PRIORITIES, type Priority } from '@carillon/core/priority';
import {
  declareEpoch,
  type Epoch,
  lockEpoch,
  markRebuilt,
  readEpoch,
} from '@carillon/db/queries/redis-epoch';
import { requeueDelayed } from '@carillon/db/queries/requeue-delayed';
import { oldestNotification, requeueLost } from '@carillon/db/queries/requeue-lost';
import type { Redis } from 'ioredis';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

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

const WINDOW_MS = 60 * 60_000;
const BATCH = 5000;

export function epoch({ sql, redis, namespace, wake }: EpochOptions): Duty {
  const key = `{${namespace}:epoch}`;

  return {
    name: 'epoch',
    everyMs: 2000,
    async runOnce() {
      let known = await readEpoch(sql, namespace);
      if (known === null || (await redis.get(key)) !== known.epoch) known = await declareLoss();
      return known?.rebuild_from ? rebuild(known.epoch, known.changed_at, known.rebuild_from) : 0;
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

  async function rebuild(current: string, lostAt: Date, startAt: Date): Promise<number> {
    let total = 0;
    for (;;) {
      const count = await requeueDelayed(sql, lostAt, BATCH);
      total += count;
      if (count < BATCH) break;
    }
    let from = startAt.getTime();
    while (from <= lostAt.getTime()) {
      const window = {
        from: new Date(from),
        to: new Date(from + WINDOW_MS),
        queuedBefore: lostAt,
        lanes: LANES,
      };
      const { count } = await requeueLost(sql, window, BATCH);
      total += count;
      if (total > 0) for (const priority of PRIORITIES) wake(priority);
      if (count === BATCH) continue;
      from += WINDOW_MS;
      await markRebuilt(sql, namespace, current, new Date(from));
    }
    await markRebuilt(sql, namespace, current, null);
    return total;
  }
}
