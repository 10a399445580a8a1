import { lastWill } from '../../../deploy/local/last-will.ts';
import type { ChaosSystem, ServiceName } from '../system/chaos-system.ts';
import type { FaultKind } from './fault.ts';

/** What befalls processes: killed, stopped for a while, asked to stop in the middle of work. */
const OURS = ['api', 'worker-a', 'worker-b'] as const;

export const PROCESS_FAULTS: readonly FaultKind[] = [
  { name: 'kill -9', weight: 4, targets: OURS, lastsMs: [0, 2_000], begin: killed },
  {
    name: 'SIGTERM',
    weight: 2,
    targets: OURS,
    lastsMs: [0, 0],
    begin: (system, target) => ended(system, target, 'SIGTERM'),
  },
  { name: 'SIGSTOP', weight: 2, targets: OURS, lastsMs: [1_000, 8_000], begin: stopped },
  // Longer than any lease: whoever wakes up must find out that its claims are no longer its own.
  {
    name: 'SIGSTOP past the lease',
    weight: 2,
    targets: ['worker-a', 'worker-b'],
    lastsMs: [33_000, 40_000],
    begin: stopped,
  },
  { name: 'kill -9', weight: 3, targets: ['postgres', 'redis'], lastsMs: [0, 1_000], begin: killed },
  { name: 'down', weight: 2, targets: ['postgres', 'redis'], lastsMs: [4_000, 12_000], begin: killed },
];

/** Both at once is worse than each alone: nobody is left who could take over. */
export const BOTH_WORKERS: FaultKind = {
  name: 'kill -9',
  weight: 1,
  targets: ['both workers'],
  lastsMs: [0, 5_000],
  begin: async (system) => {
    const ends = await Promise.all([killed(system, 'worker-a'), killed(system, 'worker-b')]);
    return async () => void (await Promise.all(ends.map((end) => end())));
  },
};

async function killed(system: ChaosSystem, target: string): Promise<() => Promise<void>> {
  const service = system.services[target as ServiceName];
  const letUp = service.hold();
  const pid = service.signal('SIGKILL');
  return async () => {
    letUp();
    await service.isBack(pid);
  };
}

async function ended(
  system: ChaosSystem,
  target: string,
  signal: NodeJS.Signals,
): Promise<() => Promise<void>> {
  const service = system.services[target as ServiceName];
  const pid = service.signal(signal);
  return () => service.isBack(pid);
}

async function stopped(system: ChaosSystem, target: string): Promise<() => Promise<void>> {
  const service = system.services[target as ServiceName];
  const pid = service.signal('SIGSTOP');
  // If we die meanwhile, it must be able to notice and end, too.
  const takeBack = lastWill('kill -CONT "$0"', String(pid));
  return async () => {
    takeBack();
    service.signal('SIGCONT');
  };
}
