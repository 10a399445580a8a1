import { mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { startCluster } from '../../test/support/redis-cluster.ts';
import type { CarillonSystem } from '../system.ts';
import { type DetourCounts, detour } from './detour.ts';
import type { Run } from './run.ts';

/** On the disk, as the single Redis is. */
const PARENT = '/var/tmp';

/** A Redis Cluster of three masters, without replicas, against the one Redis; on the same processors. */
export async function redisCluster(run: Run, carillon: CarillonSystem, counts: DetourCounts): Promise<void> {
  const dir = mkdtempSync(path.join(PARENT, 'carillon-bench-cluster-'));
  const cluster = await startCluster(dir, { replicas: false });
  try {
    await detour(run, carillon, { part: 'cluster', env: { REDIS_URL: cluster.url }, counts });
  } finally {
    await cluster.stop();
    rmSync(dir, { recursive: true, force: true });
  }
}
