import { inject, test } from 'vitest';
import { prepareGround } from './cell/ground.ts';
import { pointNamed } from './crash/crash-points.ts';
import { runCampaignPoints } from './crash/run-campaign-points.ts';
import { renderPoint } from './crash/run-points.ts';
import { playScenario, scenarioNamed } from './scenarios/scenarios.ts';

/** The others, and these with more messages, are played by `npm run chaos -- --only campaigns`. */
const SCENARIOS = [
  'paused campaign',
  'campaign cancelled before the first byte',
  'wishes between launch and claim',
  'announced campaign',
];
/** `npm run chaos -- --only crash-points` dies at all of them. */
const POINTS = ['campaign: page frozen', 'campaign: slice stored', 'campaign: page of the rest cancelled'];
const AT_ONCE = 2;
const LEASE_SECONDS = 8;

test('a campaign obeys stops and wishes, and announces what it should', () =>
  playAll(SCENARIOS.map((name) => () => playAlone(name))));

test('a campaign goes on where its runner died', () => playAll(POINTS.map((name) => () => dieAlone(name))));

/** @param plays each returns what is broken, for people */
async function playAll(plays: (() => Promise<string[]>)[]): Promise<void> {
  const broken: string[] = [];
  const lane = async (): Promise<void> => {
    for (let play = plays.shift(); play; play = plays.shift()) broken.push(...(await play()));
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  if (broken.length > 0) throw new Error(`\n${broken.join('\n')}`);
}

/** With a simulator of its own: scenarios change how its providers behave. */
async function alone<T>(work: (ground: Awaited<ReturnType<typeof prepareGround>>) => Promise<T>): Promise<T> {
  const ground = await prepareGround({
    adminDatabaseUrl: inject('adminDatabaseUrl'),
    templateDatabase: inject('templateDatabase'),
    redisUrl: inject('redisUrl'),
  });
  try {
    return await work(ground);
  } finally {
    await ground.stop();
  }
}

async function playAlone(name: string): Promise<string[]> {
  const findings = await alone((ground) => playScenario(ground, scenarioNamed(name)));
  return findings.map(({ rule, id, why }) => `${name}: ${rule}: ${id}: ${why}`);
}

async function dieAlone(name: string): Promise<string[]> {
  const options = { atOnce: 1, leaseSeconds: LEASE_SECONDS };
  const outcomes = await alone((ground) => runCampaignPoints(ground, [pointNamed(name)], options));
  return outcomes.filter(({ findings }) => findings.length > 0).map(renderPoint);
}
