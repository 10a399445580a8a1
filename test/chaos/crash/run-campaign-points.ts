import { type Cell, openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { roles, startRole } from '../scenarios/campaigns/roles.ts';
import { storeCampaign, storePeople } from '../system/campaigns.ts';
import type { CrashPoint } from './crash-points.ts';
import { death } from './die-at.ts';
import { type PointOutcome, runPoints } from './run-points.ts';

/** More than a page of a freeze; few have an address, so that sending is soon over. */
const AUDIENCE = { count: 21_000, oneIn: 60 };
/** More than a page of a cancel, and not more than is made before anything is sent. */
const WAITING = { count: 3_500 };
const SETTLE_MS = 120_000;

/** Runs each in a cell of its own, several side by side. */
export function runCampaignPoints(
  ground: Ground,
  points: readonly CrashPoint[],
  { atOnce, leaseSeconds }: { atOnce: number; leaseSeconds: number },
  say?: (outcome: PointOutcome) => void,
): Promise<PointOutcome[]> {
  const run = async (point: CrashPoint): Promise<PointOutcome> => {
    const cell = await openCell(ground, point.name, leaseSeconds);
    try {
      const own =
        point.setting === 'cancelled' ? await dieCancelled(cell, point) : await dieRunning(cell, point);
      const findings = [...(await cell.judge()).findings, ...own];
      return { point, findings, logs: findings.length > 0 ? cell.logs() : '' };
    } catch (error) {
      const findings: Finding[] = [{ rule: 'unproven', id: 'the run', why: (error as Error).message }];
      return { point, findings, logs: cell.logs() };
    } finally {
      await cell.close();
    }
  };
  return runPoints(points, run, atOnce, say);
}

/** The runner dies, and another one goes on. */
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
