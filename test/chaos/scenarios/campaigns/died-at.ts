import type { Cell } from '../../cell/cell.ts';
import { type CrashPoint, pointNamed } from '../../crash/crash-points.ts';
import { death } from '../../crash/die-at.ts';
import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import type { Scenario } from '../scenario.ts';
import { roles, startRole } from './roles.ts';

/** More than a page of a freeze; few have an address, so that sending is soon over. */
const AUDIENCE = { count: 21_000, oneIn: 60 };
/** More than a page of a cancel, and not more than is made before anything is sent. */
const WAITING = { count: 3_500 };
const SETTLE_MS = 120_000;

/**
 * The runner of a campaign dies between two pages of the freeze, and another one goes on. Held against it: the place
 * where the next page begins is in the commit of the page.
 */
export const campaignDiedFreezing: Scenario = {
  name: 'campaign whose freeze dies',
  settleMs: SETTLE_MS,
  play: async (cell) => ({ findings: await dieInCampaign(cell, pointNamed('campaign: page frozen')) }),
};

/** The runner dies at the point, and another one goes on. @returns what the judge found about the campaign */
export function dieInCampaign(cell: Cell, point: CrashPoint): Promise<Finding[]> {
  return point.setting === 'cancelled' ? dieCancelled(cell, point) : dieRunning(cell, point);
}

async function dieRunning(cell: Cell, point: CrashPoint): Promise<Finding[]> {
  const people = await storePeople(cell, AUDIENCE);
  const campaign = await storeCampaign(cell, people, { policy: 'at_least_once' });
  startRole(cell, 'sender');
  await death(dying(cell, point), point);
  startRole(cell, 'runner');
  await campaign.ends(SETTLE_MS);
  await cell.settle(SETTLE_MS);
  return campaign.judge();
}

/** Nothing is sent before it is cancelled: all of it waits. */
async function dieCancelled(cell: Cell, point: CrashPoint): Promise<Finding[]> {
  const people = await storePeople(cell, WAITING);
  const campaign = await storeCampaign(cell, people, { policy: 'at_least_once', endsAs: 'cancelled' });
  const runner = dying(cell, point);
  await campaign.reaches('to be made', ({ counts }) => counts.made === WAITING.count);
  await campaign.cancel();
  await death(runner, point);
  startRole(cell, 'runner');
  await campaign.ends(SETTLE_MS);
  startRole(cell, 'sender');
  await cell.settle(SETTLE_MS);
  return campaign.judge();
}

function dying(cell: Cell, point: CrashPoint) {
  return cell.startWorker(
    ['test/chaos/crash/crash-worker.ts', point.name, cell.simulatorUrl],
    roles('runner'),
  );
}
