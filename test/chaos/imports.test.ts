import { inject, test } from 'vitest';
import { prepareGround } from './cell/ground.ts';
import { pointNamed } from './crash/crash-points.ts';
import { runImportPoints } from './crash/run-import-points.ts';
import { renderPoint } from './crash/run-points.ts';

/** `npm run chaos -- --only crash-points` dies at all of them, `--only imports` imports more through more. */
const POINTS = ['import: part merged, progress not stored', 'import: part committed, not reported'];
const AT_ONCE = 2;
const LEASE_SECONDS = 8;

test('an API may die at any step of an import: each line is stored once, no opt-out and no suppression is lifted', async () => {
  const ground = await prepareGround({
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  });
  try {
    const options = { atOnce: AT_ONCE, leaseSeconds: LEASE_SECONDS };
    const outcomes = await runImportPoints(ground, POINTS.map(pointNamed), options);
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) throw new Error(`\n${broken.map(renderPoint).join('\n')}`);
  } finally {
    await ground.stop();
  }
});
