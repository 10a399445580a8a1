import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { makeSessionsReadOnly } from '../../support/read-only-sessions.ts';
import { startRedisPair } from '../../support/redis-failover.ts';
import type { Finding } from '../judge/rules.ts';
import type { Scenario } from './scenario.ts';
import { throughFault } from './through-fault.ts';

const SETTLE_MS = 60_000;

/**
 * Redis fails over, and every open socket stays at the old server, which is now a replica. Held against it: the end of
 * a connection whose server says that it is the wrong one, and the look at writes behind a worker's health.
 */
export const keptRedisSockets: Scenario = {
  name: 'Redis failover that keeps sockets',
  settleMs: 10_000,
  async play(cell) {
    const dir = mkdtempSync(path.join(tmpdir(), 'carillon-redis-pair-'));
    const pair = await startRedisPair(dir);
    try {
      const kind = 'Redis failover, sockets kept';
      const { fault, findings } = await throughFault(cell, { REDIS_URL: pair.url }, async () => {
        await pair.failOver();
        return async () => {};
      });
      // The pair ends with the scenario; nothing may want it then.
      await cell.settle(SETTLE_MS);
      return {
        faults: [{ ...fault, kind, target: 'redis' }],
        findings: [...findings, ...(await provenBy(pair.replica()))],
      };
    } finally {
      await pair.stop();
      rmSync(dir, { recursive: true, force: true });
    }
  },
};

/** The failover was one that keeps sockets only if the old server has refused writes. */
async function provenBy(replicaUrl: string): Promise<Finding[]> {
  const redis = new Redis(replicaUrl);
  const refused = /errorstat_READONLY:count=(\d+)/.exec(await redis.info('errorstats'))?.[1] ?? '0';
  redis.disconnect();
  if (Number(refused) > 0) return [];
  return [{ rule: 'unproven', id: 'failover', why: 'the old Redis had no write to refuse' }];
}

/**
 * Sessions of PostgreSQL that are open become read-only and stay so, while new ones write. Held against it: the end of
 * a session that answers 25006 or reports that it is read-only.
 */
export const keptReadOnlySessions: Scenario = {
  name: 'read-only sessions',
  settleMs: SETTLE_MS,
  ownServers: true,
  async play(cell) {
    const { fault, findings } = await throughFault(cell, {}, () => makeSessionsReadOnly(cell.databaseUrl));
    return { faults: [{ ...fault, kind: 'read-only sessions', target: 'postgres' }], findings };
  },
};
