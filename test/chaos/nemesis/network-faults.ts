import type { TcpProxy } from '../../support/tcp-proxy.ts';
import type { ChaosSystem } from '../system/chaos-system.ts';
import { CLIENTS, PROVIDERS } from '../system/links.ts';
import type { FaultKind } from './fault.ts';

/** Faults of the connections between processes: `worker-a>postgres` is the one from that worker to its database. */
const TO_SERVERS = CLIENTS.flatMap((client) => [`${client}>postgres`, `${client}>redis`]);

interface Line {
  name: string;
  lastsMs: readonly [number, number];
  act(proxy: TcpProxy): unknown;
}

const LINE_FAULTS: readonly Line[] = [
  { name: 'latency', lastsMs: [3_000, 10_000], act: (proxy) => proxy.delay(200) },
  { name: 'frozen', lastsMs: [2_000, 9_000], act: (proxy) => proxy.freeze() },
  { name: 'half-open', lastsMs: [2_000, 9_000], act: (proxy) => proxy.mute() },
  { name: 'cut', lastsMs: [1_000, 8_000], act: (proxy) => proxy.cut() },
  { name: 'reset', lastsMs: [0, 0], act: (proxy) => proxy.reset() },
  // Executed, but the answer is lost: the transaction is committed, the message is accepted.
  { name: 'answers lost', lastsMs: [300, 2_000], act: (proxy) => proxy.loseAnswers() },
  { name: 'hang-ups untold', lastsMs: [2_000, 8_000], act: (proxy) => proxy.keepOpen() },
];

export const NETWORK_FAULTS: readonly FaultKind[] = LINE_FAULTS.flatMap(({ act, ...line }): FaultKind[] => [
  { ...line, weight: 1, targets: TO_SERVERS, begin: (system, target) => onLine(system, target, act) },
  {
    ...line,
    weight: 1,
    targets: [PROVIDERS],
    delaysProviders: true,
    begin: (system, target) => onLine(system, target, act),
  },
]);

async function onLine(system: ChaosSystem, target: string, act: Line['act']): Promise<() => Promise<void>> {
  const lines = system.links.linesOf(target);
  await Promise.all(lines.map(act));
  return async () => void (await Promise.all(lines.map((line) => line.restore())));
}
