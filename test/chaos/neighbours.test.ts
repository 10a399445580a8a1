import { expect, inject, test } from 'vitest';
import { runNeighbours } from './neighbours/run-neighbours.ts';

/** `npm run chaos` has each for a minute, and the clock an hour fast as well. */
test('locks, read-only servers, taken connections, a promoted standby and a wrong clock: nothing is lost or doubled', async () => {
  const { findings, story } = await runNeighbours({
    redisUrl: inject('redisUrl'),
    lastsMs: 4_000,
    clockOffMs: -3_600_000,
    settleMs: 60_000,
  });
  expect(findings, story.join('\n')).toEqual([]);
});
