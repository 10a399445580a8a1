import { setTimeout as pause } from 'node:timers/promises';
import { until } from '../../../support/until.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import { simulatorAt } from '../../system/simulator.ts';
import type { Scenario } from '../scenario.ts';
import { isStopped, STOPS_ITSELF } from '../stopped-before-call.ts';
import { roles, startRole } from './roles.ts';

const SETTLE_MS = 60_000;
/** A little more than the time in which a stop must be obeyed. */
const OBEYED_MS = 5_500;

/**
 * A campaign is cancelled, and that is confirmed, while a message of it waits between its claim and its call. Held
 * against it: the check immediately before the first byte.
 */
export const cancelledWhileWaiting: Scenario = {
  name: 'campaign cancelled before the first byte',
  settleMs: SETTLE_MS,
  async play(cell) {
    const people = await storePeople(cell, { count: 1 });
    const campaign = await storeCampaign(cell, people, { endsAs: 'cancelled' });
    const sleeper = cell.startWorker(STOPS_ITSELF, { ...roles('all'), WORKER_LEASE_SECONDS: '60' });
    await campaign.reaches('to be made', ({ counts }) => counts.made === 1);
    await isStopped(sleeper);
    await campaign.cancel();
    await pause(OBEYED_MS);
    sleeper.signal('SIGCONT');
    await campaign.ends(SETTLE_MS);
    await cell.settle(SETTLE_MS);
    return { findings: await campaign.judge() };
  },
};

/**
 * A campaign is cancelled with open doubts, whose provider is back when it is too late. Held against it: a doubt of a
 * stopped campaign is not sent again, not even by the same call.
 */
export const cancelledInDoubt: Scenario = {
  name: 'campaign cancelled in doubt',
  settleMs: SETTLE_MS,
  async play(cell) {
    const environment = 'live';
    const simulator = simulatorAt(cell.simulatorUrl);
    await simulator.behave({ provider: '*', mode: 'outage' });
    const people = await storePeople(cell, { environment, count: 3 });
    const campaign = await storeCampaign(cell, people, { environment, endsAs: 'cancelled' });
    startRole(cell, 'all');
    await campaign.reaches('to be in doubt', ({ counts }) => counts.in_doubt === 3);
    await campaign.cancel();
    await pause(OBEYED_MS);
    await simulator.behaveWell();
    await until(
      'the doubts to be left to a person',
      async () => {
        const [row] = await cell.sql`
          select from notifications where state = 'in_doubt' and next_attempt_at is not null limit 1`;
        return row === undefined;
      },
      { timeoutMs: SETTLE_MS },
    );
    await campaign.ends(SETTLE_MS);
    await cell.settle(SETTLE_MS);
    return { findings: await campaign.judge() };
  },
};
