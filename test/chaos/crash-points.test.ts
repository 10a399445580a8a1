import { inject, test } from 'vitest';
import { prepareGround } from './cell/ground.ts';
import { COLUMNS } from './crash/columns.ts';
import { pointNamed } from './crash/crash-points.ts';
import { renderOutcome } from './crash/render.ts';
import { runCrashPoints } from './crash/run-crash-points.ts';

/** The reduced matrix: every kind of step, every class at the ones that matter most. `npm run chaos` runs all of it. */
const CELLS = [
  ['accept: committed, not answered', 'A'],
  ['relay: rows taken, nothing published', 'B'],
  ['relay: published, not committed', 'D'],
  ['deliver: job taken, not claimed', 'C'],
  ['deliver: claimed', 'A'],
  ['deliver: claimed', 'C'],
  ['send: taken, not answered', 'A'],
  ['send: taken, not answered', 'B'],
  ['deliver: answered, not recorded', 'D'],
  ['deliver: recorded, job not completed', 'B'],
  ['chunk: recorded, no member has left', 'A'],
  ['epoch: in Redis, not committed', 'D'],
] as const;
const AT_ONCE = 5;
/** Shorter than the default, so that waiting for the end of one is shorter. */
const LEASE_SECONDS = 8;

test('a process may die at any step: nothing is lost, nothing duplicated', async () => {
  const ground = await prepareGround({
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  });
  try {
    const cells = CELLS.map(([name, guarantee]) => ({
      point: pointNamed(name),
      column: COLUMNS.find((column) => column.guarantee === guarantee)!,
    }));
    const outcomes = await runCrashPoints(
      ground,
      cells,
      { atOnce: AT_ONCE, leaseSeconds: LEASE_SECONDS },
      () => {},
    );
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) throw new Error(`\n${broken.map(renderOutcome).join('\n')}`);
  } finally {
    await ground.stop();
  }
});
