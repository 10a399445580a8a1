import { setTimeout as pause } from 'node:timers/promises';
import { oneOfEach, type Scenario } from './scenario.ts';

/**
 * Redis loses everything under a running worker. What was queued comes back from PostgreSQL, at once and not when the
 * slow sweep happens to look. Held against it: the epoch.
 */
export const lostRedis: Scenario = {
  name: 'lost Redis',
  settleMs: 60_000,
  async play(cell) {
    cell.startWorker();
    await cell.isUp();
    const before = await epochOf();
    const from = Date.now();
    await cell.loseRedis();
    const to = Date.now();
    await cell.ask(oneOfEach('ok'));
    const noticedAfterMs = await noticed(to);
    return {
      faults: [{ kind: 'FLUSHALL', target: 'redis', from, to, delaysProviders: false, noticedAfterMs }],
    };

    async function noticed(since: number): Promise<number | null> {
      while (Date.now() - since < GIVE_UP_MS) {
        if ((await epochOf()) !== before) return Date.now() - since;
        await pause(50);
      }
      return null;
    }

    async function epochOf(): Promise<string | undefined> {
      const [row] = await cell.sql<{ epoch: string }[]>`select epoch from redis_epoch`;
      return row?.epoch;
    }
  },
};

/** A little more than the promise. */
const GIVE_UP_MS = 12_000;
