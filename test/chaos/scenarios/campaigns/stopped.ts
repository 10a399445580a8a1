import { setTimeout as pause } from 'node:timers/promises';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer } from '@carillon/queue/producer';
import { until } from '../../../support/until.ts';
import type { Cell } from '../../cell/cell.ts';
import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import { simulatorAt } from '../../system/simulator.ts';
import type { Scenario } from '../scenario.ts';
import { startRole } from './roles.ts';

const PEOPLE = 600;
const SETTLE_MS = 90_000;
/** So long a pause lasts: more than the time in which it must be obeyed. */
const PAUSED_MS = 8_000;
const LOOK_EVERY_MS = 200;
/** So long after a pause its jobs may be there: their claims end them, however slow the machine is. */
const EMPTY_WITHIN_MS = 45_000;
/** After a resume, long before the sweep would find what was not announced. */
const GOES_ON_MS = 30_000;

/**
 * A campaign is paused with all of its messages in the lane of a slow provider, and goes on. Held against it: the claim,
 * which refuses what is stopped and ends its jobs.
 */
export const pausedCampaign = (scale = 1): Scenario => ({
  name: 'paused campaign',
  settleMs: SETTLE_MS,
  async play(cell) {
    const simulator = simulatorAt(cell.simulatorUrl);
    await simulator.behave({ provider: 'smtp', mode: 'ok', latency_ms: 400 });
    const people = await storePeople(cell, { count: PEOPLE * scale });
    const campaign = await storeCampaign(cell, people, { policy: 'at_least_once' });
    startRole(cell, 'runner');
    startRole(cell, 'sender');
    await campaign.reaches('to be made and sent', ({ counts }) => counts.sent > 20 && counts.remaining === 0);
    const before = await jobsOf(cell);
    await campaign.pause();
    const during = await jobsWhilePaused(cell);
    await simulator.behaveWell();
    const [sent] = await cell.sql<[{ n: number }]>`
      select count(*)::int as n from notifications where state in ('sent', 'delivered')`;
    await campaign.resume();
    const goesOn = await campaign
      .reaches('to go on', ({ counts }) => counts.sent > sent.n, GOES_ON_MS)
      .then(
        () => [],
        (error: Error): Finding[] => [{ rule: 'slow_recovery', id: campaign.id, why: error.message }],
      );
    await campaign.ends(SETTLE_MS * scale);
    await cell.settle(SETTLE_MS);
    return {
      findings: [...judgeJobs(before, during, people.ids.length), ...goesOn, ...(await campaign.judge())],
    };
  },
});

/** Looks for as long as the pause lasts, and then until the lane is empty. */
async function jobsWhilePaused(cell: Cell): Promise<number[]> {
  const during = [await jobsOf(cell)];
  for (const from = Date.now(); ; await pause(LOOK_EVERY_MS)) {
    during.push(await jobsOf(cell));
    const pausedMs = Date.now() - from;
    if (pausedMs > EMPTY_WITHIN_MS || (pausedMs > PAUSED_MS && during.at(-1) === 0)) return during;
  }
}

/**
 * A member of a chunk that waited for a connection in vain becomes a job of its own, so that there may be as many jobs
 * as people.
 */
export function judgeJobs(before: number, during: readonly number[], people: number): Finding[] {
  const id = 'email-bulk';
  if (before === 0) return [{ rule: 'unproven', id, why: 'no job was in the lane when it was paused' }];
  const most = Math.max(...during);
  const last = during.at(-1)!;
  if (most > people)
    return [{ rule: 'jobs_multiplied', id, why: `${most} jobs meanwhile, for ${people} people` }];
  if (last > 0)
    return [{ rule: 'jobs_multiplied', id, why: `${last} jobs were left when it had been paused for long` }];
  return [];
}

async function jobsOf({ redisUrl, namespace }: Cell): Promise<number> {
  const redis = producerConnection(redisUrl, 'chaos');
  try {
    await until('Redis to answer', () => redis.status === 'ready');
    const producer = createProducer(redis, namespace);
    const { waiting, delayed, active } = await producer.depth('email-bulk');
    await producer.close();
    return waiting + delayed + active;
  } finally {
    redis.disconnect();
  }
}

/**
 * A campaign is cancelled while every connection to a slow provider is taken, and others wait for one. Held against it:
 * the look before the first byte.
 */
export const cancelledCampaign = (scale = 1): Scenario => ({
  name: 'cancelled campaign',
  settleMs: SETTLE_MS,
  async play(cell) {
    const simulator = simulatorAt(cell.simulatorUrl);
    await simulator.behave({ provider: 'smtp', mode: 'ok', latency_ms: 2_000 });
    const people = await storePeople(cell, { count: PEOPLE * scale });
    const campaign = await storeCampaign(cell, people, { policy: 'at_least_once', endsAs: 'cancelled' });
    startRole(cell, 'runner');
    startRole(cell, 'sender');
    await campaign.reaches(
      'to be made and sent',
      ({ counts }) => counts.sent >= 10 && counts.remaining === 0,
    );
    await campaign.cancel();
    await campaign.ends(SETTLE_MS);
    await simulator.behaveWell();
    await cell.settle(SETTLE_MS);
    return { findings: await campaign.judge() };
  },
});
