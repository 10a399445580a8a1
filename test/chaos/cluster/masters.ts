import { rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Lane } from '@carillon/core/notification/lane';
import { prefixOf } from '@carillon/queue/topology';
import type { TestCluster } from '../../support/redis-cluster.ts';
import { until } from '../../support/until.ts';
import type { Disturbance } from '../neighbours/run-neighbours.ts';

/** The lane whose master is disturbed. Most of the load goes through it. */
const LANE: Lane = 'email-normal';
const FAILOVER_MS = 60_000;

/** What happens to the masters of a Redis Cluster. The lanes of the others go on meanwhile. */
export function masterDisturbances(
  cluster: TestCluster,
  { namespace, dir, silentMs }: { namespace: string; dir: string; silentMs: number },
): Disturbance[] {
  const pair = () => cluster.pairOf(prefixOf(LANE, namespace));
  const replaced = (port: number) =>
    until('another node to serve its slots', async () => (await pair()).master.port !== port, {
      timeoutMs: FAILOVER_MS,
    });
  return [
    {
      name: 'a master that dies, and is replaced',
      leastMs: 0,
      async begin() {
        const { master } = await pair();
        master.signal('SIGKILL');
        await replaced(master.port);
        return () => cluster.restart(master);
      },
    },
    {
      name: 'a master that falls silent, and is replaced',
      leastMs: 0,
      async begin() {
        const { master } = await pair();
        master.signal('SIGSTOP');
        await replaced(master.port);
        return async () => master.signal('SIGCONT');
      },
    },
    {
      name: 'a master that is silent for a moment',
      leastMs: 0,
      async begin() {
        const { master } = await pair();
        master.signal('SIGSTOP');
        await pause(silentMs);
        return async () => master.signal('SIGCONT');
      },
    },
    {
      name: 'a master and its replica that come back without their data',
      leastMs: 0,
      async begin() {
        const { master, replica } = await pair();
        if (replica === null) throw new Error('the master has no replica');
        for (const node of [replica, master]) node.signal('SIGKILL');
        return async () => {
          for (const { port } of [replica, master])
            rmSync(path.join(dir, `node-${port}`, 'appendonlydir'), { recursive: true, force: true });
          await cluster.restart(master, replica);
        };
      },
    },
  ];
}
