import { setTimeout as pause } from 'node:timers/promises';
import type { FaultRecord } from '../judge/evidence.ts';
import type { Random } from '../load/random.ts';
import type { ChaosSystem } from '../system/chaos-system.ts';
import type { ScheduledFault } from './schedule.ts';

export interface Nemesis {
  /** Resolves when every fault has ended and every target has recovered. */
  done: Promise<FaultRecord[]>;
}

/**
 * A loss of Redis that was not declared after so long never will be. As long as killed workers may take to come back on
 * a busy machine: the judge does not count the time in which there was none.
 */
const NOTICE_TIMEOUT_MS = 120_000;
const NOTICE_POLL_MS = 50;

/**
 * Causes the scheduled faults. Faults of different targets overlap as scheduled; a target with an active fault gets its
 * next one when the first is over.
 */
export function startNemesis(
  system: ChaosSystem,
  schedule: readonly ScheduledFault[],
  random: Random,
  say: (line: string) => void,
): Nemesis {
  const records: FaultRecord[] = [];
  const busy = new Map<string, Promise<void>>();
  const run = async (): Promise<FaultRecord[]> => {
    const begun = performance.now();
    for (const fault of schedule) {
      await pause(Math.max(0, fault.atMs - (performance.now() - begun)));
      const before = busy.get(fault.target) ?? Promise.resolve();
      busy.set(
        fault.target,
        before.then(() => befall(system, fault, random, records, say)),
      );
    }
    await Promise.all(busy.values());
    await system.links.restoreAll();
    await system.simulator.behaveWell();
    system.postman.be('honest');
    return records;
  };
  return { done: run() };
}

async function befall(
  system: ChaosSystem,
  { kind, target, lastsMs }: ScheduledFault,
  random: Random,
  records: FaultRecord[],
  say: (line: string) => void,
): Promise<void> {
  const epoch = kind.losesRedis ? await knownEpoch(system) : null;
  const from = Date.now();
  say(`${kind.name}: ${target}${lastsMs > 0 ? ` for ${(lastsMs / 1000).toFixed(1)} s` : ''}`);
  try {
    const end = await kind.begin(system, target, random);
    await pause(lastsMs);
    await end();
  } catch (error) {
    throw new Error(`the nemesis could not do "${kind.name}: ${target}"`, { cause: error });
  }
  const to = Date.now();
  const record: FaultRecord = {
    kind: kind.name,
    target,
    from,
    to,
    delaysProviders: kind.delaysProviders ?? false,
  };
  records.push(record);
  if (kind.losesRedis) record.noticedAfterMs = await noticed(system, epoch, to);
}

/** PostgreSQL may have a fault of its own at this time. */
async function knownEpoch(system: ChaosSystem): Promise<string | null> {
  for (let tries = 0; tries < 100; tries++) {
    const epoch = await system.epoch();
    if (epoch !== null) return epoch;
    await pause(100);
  }
  return null;
}

async function noticed(system: ChaosSystem, before: string | null, since: number): Promise<number | null> {
  while (Date.now() - since < NOTICE_TIMEOUT_MS) {
    const epoch = await system.epoch();
    if (epoch !== null && epoch !== before) return Date.now() - since;
    await pause(NOTICE_POLL_MS);
  }
  return null;
}
