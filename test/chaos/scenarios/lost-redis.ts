import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startRedisPair } from '../../support/redis-failover.ts';
import type { Cell } from '../cell/cell.ts';
import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * Redis loses everything under a running worker. Queued work is restored from PostgreSQL, at once and not when the
 * slow sweep happens to look. Held against it: the epoch.
 */
export const lostRedis: Scenario = {
  name: 'lost Redis',
  settleMs: 60_000,
  async play(cell) {
    cell.startWorker();
    await cell.isUp();
    const before = await epochOf(cell);
    const from = Date.now();
    await cell.loseRedis();
    const to = Date.now();
    await cell.ask(oneOfEach('ok'));
    const noticedAfterMs = await noticed(cell, before, to);
    return {
      faults: [{ kind: 'FLUSHALL', target: 'redis', from, to, delaysProviders: false, noticedAfterMs }],
    };
  },
};

/**
 * A replica takes over that lacks the latest writes, as after any failover of Redis: its epoch fits, but the jobs of
 * what was accepted last are gone. They are restored at once, too. Held against it: the server process in the epoch.
 */
export const lostRedisWrites: Scenario = {
  name: 'Redis failover that loses writes',
  settleMs: 10_000,
  async play(cell) {
    const dir = mkdtempSync(path.join(tmpdir(), 'carillon-redis-pair-'));
    const pair = await startRedisPair(dir);
    try {
      cell.startWorker(undefined, { REDIS_URL: pair.url });
      await cell.isUp();
      // As if it had been declared longer ago than a failover may follow.
      await cell.sql`update redis_epoch set changed_at = now() - interval '1 minute', rebuild_from = null`;
      const before = await epochOf(cell);
      const from = Date.now();
      await pair.failOver(async () => {
        await cell.ask(oneOfEach('ok'));
        await cell.ask(oneOfEach('slow'));
      });
      const to = Date.now();
      const noticedAfterMs = await noticed(cell, before, to);
      // The pair ends with the scenario; nothing may want it then.
      await cell.settle(SETTLE_MS);
      const kind = 'Redis failover, writes lost';
      return { faults: [{ kind, target: 'redis', from, to, delaysProviders: false, noticedAfterMs }] };
    } finally {
      await pair.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

async function noticed(cell: Cell, before: string | undefined, since: number): Promise<number | null> {
  while (Date.now() - since < GIVE_UP_MS) {
    if ((await epochOf(cell)) !== before) return Date.now() - since;
    await pause(50);
  }
  return null;
}

async function epochOf({ sql }: Cell): Promise<string | undefined> {
  const [row] = await sql<{ epoch: string }[]>`select epoch from redis_epoch`;
  return row?.epoch;
}

const SETTLE_MS = 60_000;
/** A little more than the promise. */
const GIVE_UP_MS = 12_000;
