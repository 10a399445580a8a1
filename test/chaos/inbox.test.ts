import { inject, test } from 'vitest';
import { prepareGround } from './cell/ground.ts';
import { pointNamed } from './crash/crash-points.ts';
import { runInboxPoints } from './crash/run-inbox-points.ts';
import { renderPoint } from './crash/run-points.ts';

/** `npm run chaos -- --only crash-points` dies at all of them. */
const POINTS = [
  'inbox: stored, not recorded',
  'inbox: snoozes ended, nobody signalled',
  'inbox: changed, nobody signalled',
  'inbox: read all, not committed',
];
const AT_ONCE = 2;
const LEASE_SECONDS = 8;

test('a process may die at any step of an inbox: streams bring every message once, and end with the rows', async () => {
  const ground = await prepareGround({
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  });
  try {
    const options = { atOnce: AT_ONCE, leaseSeconds: LEASE_SECONDS };
    const outcomes = await runInboxPoints(ground, POINTS.map(pointNamed), options);
    const broken = outcomes.filter(({ findings }) => findings.length > 0);
    if (broken.length > 0) throw new Error(`\n${broken.map(renderPoint).join('\n')}`);
  } finally {
    await ground.stop();
  }
});
