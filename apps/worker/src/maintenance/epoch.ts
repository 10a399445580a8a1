import { randomUUID } from 'node:crypto';
import { LANES, type Lane } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { oldestNotification } from '@carillon/db/notifications/retention';
import { declareEpoch, type Epoch, hasEpochs, lockEpoch, readEpoch } from '@carillon/db/outbox/redis-epoch';
import type { RedisClient } from '@carillon/queue/connection';
import { fieldOf } from '@carillon/queue/redis-servers';
import { prefixOf } from '@carillon/queue/topology';
import { Cluster } from 'ioredis';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { type LostLanes, rebuildLanes } from './rebuild-lanes.ts';

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

/**
 * Another server process counts as a loss only this long after the last declaration: by then the rebuild before is
 * over, and a proxy that leads to one server after the other does not cause permanent rebuilds. Losses in between are
 * left to the sweep.
 */
const SETTLED_AFTER_MS = 30_000;

export function epoch(options: EpochOptions): Duty {
  const parts = partsOf(options);
  const rebuild = rebuildLanes(options.sql, options.wake);
  return {
    name: 'epoch',
    everyMs: 2000,
    async runOnce() {
      const looks = await Promise.allSettled(parts.map((part) => lookFor(options, part)));
      const lost = looks.flatMap((look) => (look.status === 'fulfilled' && look.value ? [look.value] : []));
      const total = await rebuild(lost);
      // A master that is away does not hold up the rebuild of the others' lanes.
      const failed = looks.find((look) => look.status === 'rejected');
      if (failed) throw failed.reason;
      return total;
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

/** @returns the lanes of the part if their rebuild is not complete; null if there is nothing to do */
async function lookFor({ sql, redis, namespace }: EpochOptions, part: Part): Promise<LostLanes | null> {
  const { name, key, lanes } = part;
  let known = await readEpoch(sql, name);
  if (isLost(known, await look())) known = await declareLoss();
  return known?.rebuild_from ? { name, lanes, epoch: { ...known, rebuild_from: known.rebuild_from } } : null;

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
