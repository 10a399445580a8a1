import { randomUUID } from 'node:crypto';
import { LANES, type Lane } from '@carillon/core/notification/lane';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { oldestNotification } from '@carillon/db/notifications/retention';
import {
  declareEpoch,
  type Epoch,
  hasEpochs,
  lockEpoch,
  markRebuilt,
  readEpoch,
} from '@carillon/db/outbox/redis-epoch';
import { requeueDelayed, requeueLost } from '@carillon/db/outbox/requeue';
import { findDelayed } from '@carillon/db/outbox/scheduled';
import type { RedisClient } from '@carillon/queue/connection';
import { fieldOf } from '@carillon/queue/redis-servers';
import { prefixOf } from '@carillon/queue/topology';
import { Cluster } from 'ioredis';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { type Stretch, windows } from './windows.ts';

/** `run_id` of INFO is random for each start of a server: https://redis.io/docs/latest/commands/info/ */
const LOOK = `
local info = redis.pcall('info', 'server')
return {redis.call('get', KEYS[1]), type(info) == 'string' and info or ''}`;

/**
 * Detects that Redis was lost (FLUSHALL, an empty disk, a failover to an empty replica) or may have lost its last
 * writes (it was restarted, or a replica took over), and rebuilds the lanes: a random key there must equal its copy in
 * PostgreSQL, and the server process must be the one it was declared on. If not, a new epoch is declared and everything
 * that had a job is announced again; the relay paces it. Rows queued after the declaration have their job already, and
 * a second job of a notification that still had its own finds nothing to claim.
 */
export interface EpochOptions {
  sql: Sql;
  redis: RedisClient;
  namespace: string;
  wake(priority: Priority): void;
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
 * Another server process counts as a loss only this long after the last declaration: by then the rebuild before is
 * over, and a proxy that leads to one server after the other does not cause permanent rebuilds. Losses in between are
 * left to the sweep.
 */
const SETTLED_AFTER_MS = 30_000;

export function epoch(options: EpochOptions): Duty {
  const parts = partsOf(options).map((part) => partEpoch(options, part));
  return {
    name: 'epoch',
    everyMs: 2000,
    async runOnce() {
      const ends = await Promise.allSettled(parts.map((part) => part.runOnce()));
      // A master that is away does not hold up the rebuild of the others' lanes.
      const failed = ends.find((end) => end.status === 'rejected');
      if (failed) throw failed.reason;
      return ends.reduce((sum, end) => sum + (end.status === 'fulfilled' ? end.value : 0), 0);
    },
  };
}

/** Lanes that are lost together. */
interface Part {
  /** Of its row in PostgreSQL. */
  name: string;
  key: string;
  lanes: readonly Lane[];
}

/** All lanes of a server; on a cluster, where each master may lose its own, each lane by itself. */
function partsOf({ redis, namespace }: EpochOptions): Part[] {
  if (!(redis instanceof Cluster)) return [{ name: namespace, key: `{${namespace}:epoch}`, lanes: LANES }];
  return LANES.map((lane) => ({
    name: `${namespace}/${lane}`,
    key: `${prefixOf(lane, namespace)}:epoch`,
    lanes: [lane],
  }));
}

function partEpoch({ sql, redis, namespace, wake }: EpochOptions, { name, key, lanes }: Part) {
  /** The epoch whose first look this process has taken. */
  let lookedAt: string | null = null;

  return {
    async runOnce(): Promise<number> {
      let known = await readEpoch(sql, name);
      if (isLost(known, await look())) known = await declareLoss();
      return known?.rebuild_from ? rebuild(known, known.rebuild_from.getTime()) : 0;
    },
  };

  /** By one script, which goes to the server that holds the key. */
  async function look(): Promise<Seen> {
    const [there, info] = (await redis.eval(LOOK, 1, key)) as [string | null, string];
    return { epoch: there, server: fieldOf(info, 'run_id') ?? null };
  }

  /**
   * Under a lock, so that of several processes that detect the same loss one declares it and the others find it
   * declared.
   */
  async function declareLoss(): Promise<Epoch | null> {
    return sql.begin(async (tx) => {
      await lockEpoch(tx, name);
      const known = await readEpoch(tx, name);
      const seen = await look();
      if (!isLost(known, seen)) return known;
      // A first start has nothing to rebuild; any other difference is a loss, also that REDIS_URL leads elsewhere now.
      const isFirst = known === null && !(await hasEpochs(tx, namespace, name));
      const rebuildFrom = isFirst ? null : await oldestNotification(tx);
      const next = `${randomUUID()}@${seen.server ?? ''}`;
      await declareEpoch(tx, name, next, rebuildFrom);
      await redis.set(key, next);
      return readEpoch(tx, name);
    });
  }

  async function rebuild(
    { epoch: current, changed_at: lostAt, age_ms }: Epoch,
    from: number,
  ): Promise<number> {
    const last = age_ms >= SECOND_LOOK_AFTER_MS;
    if (lookedAt === current && !last) return 0;
    const recent = Math.max(from, lostAt.getTime() - RECENT_MS);
    // Notifications queued after the loss have their job and are not taken, so looking a while past it costs little.
    let total = await rebuildQueued(lostAt, [recent, lostAt.getTime() + WINDOW_MS]);
    total += await rebuildDelayed(lostAt);
    total += await rebuildQueued(lostAt, [from, recent], (upTo) => markRebuilt(sql, name, current, upTo));
    await markRebuilt(sql, name, current, last ? null : new Date(recent));
    lookedAt = current;
    return total;
  }

  async function rebuildQueued(
    lostAt: Date,
    stretch: Stretch,
    onWindow?: (upTo: Date) => Promise<void>,
  ): Promise<number> {
    // PostgreSQL's timestamp has microseconds; a JavaScript date has lost them.
    const queuedBefore = new Date(lostAt.getTime() + 1);
    const fronts = lanes.map((lane) => ({ lane, queuedBefore }));
    let total = 0;
    for await (const { from, to } of windows(sql, stretch, WINDOW_MS)) {
      total += await requeueLost(sql, { from, to, lanes: fronts }, BATCH, wakeRelays);
      await onWindow?.(to);
    }
    return total;
  }

  async function rebuildDelayed(lostAt: Date): Promise<number> {
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

/** What Redis holds now. */
interface Seen {
  epoch: string | null;
  /** Of the server process; null where INFO is not allowed. */
  server: string | null;
}

/** An epoch is `<random>@<server process>`; earlier releases declared it without the server. */
function isLost(known: Epoch | null, seen: Seen): boolean {
  if (known === null || seen.epoch !== known.epoch) return true;
  const isSameServer = seen.server === null || known.epoch.endsWith(`@${seen.server}`);
  return !isSameServer && known.age_ms >= SETTLED_AFTER_MS;
}
