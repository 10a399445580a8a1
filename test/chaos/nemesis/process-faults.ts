import { deadManSwitch } from '@carillon/local/dead-man-switch';
import type { ChaosSystem, ServiceName } from '../system/chaos-system.ts';
import type { FaultKind } from './fault.ts';

/** Faults of processes: killed, suspended for a while, asked to stop during work. */
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
  // Longer than any lease: a resumed process must detect that it has lost its claims.
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

/** Both at once is worse than each alone: no worker is left to take over. */
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
  // If this process dies meanwhile, it must be able to detect that and end, too.
  const takeBack = deadManSwitch('kill -CONT "$0"', String(pid));
  return async () => {
    takeBack();
    service.signal('SIGCONT');
  };
}
