import { until } from '../../support/until.ts';
import type { ChaosSystem } from '../system/chaos-system.ts';
import type { FaultKind } from './fault.ts';

/** Redis loses all data: while it runs, and while it is down. */
export const REDIS_FAULTS: readonly FaultKind[] = [
  {
    name: 'FLUSHALL',
    weight: 3,
    targets: ['redis'],
    lastsMs: [0, 0],
    losesRedis: true,
    begin: async (system) => {
      await until('Redis to take a FLUSHALL', () => system.flushRedis().then(() => true), {
        timeoutMs: 30_000,
      });
      return async () => {};
    },
  },
  {
    name: 'data directory wiped',
    weight: 2,
    targets: ['redis'],
    lastsMs: [500, 3_000],
    losesRedis: true,
    begin: wiped,
  },
];

async function wiped(system: ChaosSystem): Promise<() => Promise<void>> {
  const { redis } = system.services;
  const letUp = redis.hold();
  const pid = redis.signal('SIGKILL');
  await until('Redis to be dead', () => redis.pid() !== pid);
  system.wipeRedis();
  return async () => {
    letUp();
    await redis.isBack(pid);
  };
}
