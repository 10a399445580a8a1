import { afterAll, beforeAll, inject, test } from 'vitest';
import { type Ground, prepareGround } from './cell/ground.ts';
import { COLUMNS } from './crash/columns.ts';
import { pointNamed } from './crash/crash-points.ts';
import { renderOutcome } from './crash/render.ts';
import { runCampaignPoints } from './crash/run-campaign-points.ts';
import { runCrashPoints } from './crash/run-crash-points.ts';
import { runImportPoints } from './crash/run-import-points.ts';
import { runInboxPoints } from './crash/run-inbox-points.ts';
import { type PointOutcome, renderPoint } from './crash/run-points.ts';

/**
 * One death at each kind of step, every class at least once. `npm run chaos -- --only crash-points` dies at all of them, in
 * every class.
 */
const CELLS = [
  ['accept: committed, not answered', 'A'],
  ['relay: published, not committed', 'D'],
  ['deliver: claimed', 'C'],
  ['send: taken, not answered', 'B'],
  ['deliver: answered, not recorded', 'D'],
  ['chunk: recorded, no member has left', 'A'],
] as const;
const CAMPAIGN = 'campaign: slice stored';
const IMPORT = 'import: part committed, not reported';
const INBOX = 'inbox: stored, not recorded';
/** Besides those of campaigns, imports and inboxes: most of their time is waiting. */
const AT_ONCE = 3;
/** Shorter than the default, so that waiting for the end of one is shorter. */
const settings = { atOnce: AT_ONCE, leaseSeconds: 8 };

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround({
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  });
});
afterAll(() => ground?.stop());

test.concurrent('a process may die at any step: nothing is lost, nothing duplicated', async () => {
  const cells = CELLS.map(([name, guarantee]) => ({
    point: pointNamed(name),
    column: COLUMNS.find((column) => column.guarantee === guarantee)!,
  }));
  const outcomes = await runCrashPoints(ground, cells, settings, () => {});
  const broken = outcomes.filter(({ findings }) => findings.length > 0);
  if (broken.length > 0) throw new Error(`\n${broken.map(renderOutcome).join('\n')}`);
});

const allKept = (outcomes: readonly PointOutcome[]): void => {
  const broken = outcomes.filter(({ findings }) => findings.length > 0);
  if (broken.length > 0) throw new Error(`\n${broken.map(renderPoint).join('\n')}`);
};

test.concurrent('a campaign goes on where its runner died', async () =>
  allKept(await runCampaignPoints(ground, [pointNamed(CAMPAIGN)], settings)));

test.concurrent('an API may die in an import: each line is stored once, no opt-out and no suppression is lifted', async () =>
  allKept(await runImportPoints(ground, [pointNamed(IMPORT)], settings)));

test.concurrent('streams of an inbox bring every message once, and end with the rows', async () =>
  allKept(await runInboxPoints(ground, [pointNamed(INBOX)], settings)));
