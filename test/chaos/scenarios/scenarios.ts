import { openCell } from '../cell/cell.ts';
import type { Ground } from '../cell/ground.ts';
import type { Finding } from '../judge/rules.ts';
import { answersDropped } from './answers-dropped.ts';
import { campaignScenarios } from './campaigns/campaign-scenarios.ts';
import { diedClaimed, diedPublishing } from './died-at.ts';
import { hangingEndpoints, lostEventList } from './events.ts';
import { heavyTemplates } from './heavy-templates.ts';
import { foreignLock, poisonedMember } from './held-group.ts';
import { importScenarios } from './imports/import-scenarios.ts';
import { inboxStreams } from './inbox-streams.ts';
import { keptReadOnlySessions, keptRedisSockets } from './kept-connections.ts';
import { expiredWaiting, keptOrder } from './kept-order.ts';
import { lostRedis, lostRedisWrites } from './lost-redis.ts';
import { poisonedMessages } from './poisoned-messages.ts';
import { repeatedJobs } from './repeated-jobs.ts';
import type { Scenario } from './scenario.ts';
import { stoppedBeforeCall, wokenTooLate } from './stopped-before-call.ts';
import { stoppedPastLease } from './stopped-past-lease.ts';
import { wishedWhileWaiting } from './wished-while-waiting.ts';
import { fastClock } from './wrong-clock.ts';

export const SCENARIOS: readonly Scenario[] = [
  repeatedJobs,
  stoppedPastLease,
  lostRedis,
  lostRedisWrites,
  answersDropped,
  diedClaimed,
  diedPublishing,
  stoppedBeforeCall,
  wokenTooLate,
  keptOrder,
  expiredWaiting,
  poisonedMessages,
  heavyTemplates,
  poisonedMember,
  foreignLock,
  wishedWhileWaiting,
  fastClock,
  lostEventList,
  hangingEndpoints,
  keptRedisSockets,
  keptReadOnlySessions,
  inboxStreams,
  ...campaignScenarios(),
  ...importScenarios(),
];

export function scenarioNamed(name: string): Scenario {
  const found = SCENARIOS.find((scenario) => scenario.name === name);
  if (!found)
    throw new Error(
      `no scenario is named "${name}"; there are ${SCENARIOS.map((one) => one.name).join(', ')}`,
    );
  return found;
}

/** Short, so that waiting for the end of one is short. */
const LEASE_SECONDS = 8;

/** Plays it in a cell of its own. @returns what the judge found */
export async function playScenario(
  ground: Ground,
  { name, play, settleMs }: Scenario,
): Promise<readonly Finding[]> {
  const cell = await openCell(ground, name, LEASE_SECONDS);
  try {
    const { faults = [], findings = [] } = await play(cell);
    await cell.settle(settleMs);
    return [...(await cell.judge(faults)).findings, ...findings];
  } catch (error) {
    return [{ rule: 'unproven', id: name, why: `${(error as Error).message}\n${cell.logs()}` }];
  } finally {
    await cell.close();
  }
}
