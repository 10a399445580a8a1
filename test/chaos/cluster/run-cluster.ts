import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { startCluster } from '../../support/redis-cluster.ts';
import { openCell } from '../cell/cell.ts';
import { type GroundServers, prepareGround } from '../cell/ground.ts';
import { type NeighboursResult, playOneByOne } from '../neighbours/run-neighbours.ts';
import { masterDisturbances } from './masters.ts';

const LEASE_SECONDS = 8;

export interface ClusterOptions {
  /** A failed master is replaced after two seconds; this is shorter. */
  silentMs: number;
  settleMs: number;
}

/**
 * Two nodes, each an API and a worker, on a Redis Cluster of three masters with a replica each, under load. One master
 * after the other is disturbed: nothing is lost or doubled, nothing is refused, all programs work again by themselves,
 * and the log stays readable.
 */
export async function runCluster(
  servers: Omit<GroundServers, 'redisUrl'>,
  options: ClusterOptions,
): Promise<NeighboursResult> {
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-cluster-'));
  const stoppers: (() => unknown)[] = [() => rmSync(dir, { recursive: true, force: true })];
  try {
    const cluster = await startCluster(dir);
    stoppers.push(cluster.stop);
    const ground = await prepareGround({ ...servers, redisUrl: cluster.url });
    stoppers.push(ground.stop);
    const cell = await openCell(ground, 'cluster', LEASE_SECONDS);
    stoppers.push(cell.close);
    const disturbances = masterDisturbances(cluster, { namespace: cell.namespace, dir, ...options });
    return await playOneByOne(cell, cell.databaseUrl, disturbances, {
      ...options,
      lastsMs: 0,
      clockOffMs: 0,
    });
  } finally {
    for (const each of stoppers.reverse()) await each();
  }
}
