import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { freePort } from '@carillon/local/ports';
import { type LocalRedis, startRedis } from '@carillon/local/redis';
import { findRedis, type RedisBinary } from '@carillon/local/redis-binary';
import { Redis } from 'ioredis';
import { follow } from './redis-failover.ts';
import { until } from './until.ts';

/** A primary and a replica, watched by three real Sentinels. */
export interface TestSentinels {
  /** In the form of `REDIS_URL`. */
  url: string;
  master: string;
  ports: readonly number[];
  /** Port of the server that the Sentinels call the primary. */
  primary(): Promise<number>;
  /** Ends the primary; resolves when the Sentinels name the replica. */
  failOver(): Promise<void>;
  /** Ends one Sentinel. */
  endSentinel(n: number): Promise<void>;
  stop(): Promise<void>;
}

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/carillon');
const MASTER = 'mymaster';
const SENTINELS = 3;
const QUORUM = 2;
/** So soon a silent primary counts as failed. */
const DOWN_AFTER_MS = 1_500;
const FAILOVER_MS = 60_000;

/** @param dir where they keep their data and logs; it must exist. */
export async function startSentinels(dir: string): Promise<TestSentinels> {
  const binary = findRedis(CACHE, () => {});
  const start = async (name: string): Promise<LocalRedis> =>
    startRedis({
      binary,
      dir: path.join(dir, name),
      port: await freePort(),
      logFile: path.join(dir, `${name}.log`),
    });
  const servers = [await start('one'), await start('two')] as const;
  await follow(servers[1].port, servers[0].port);
  const sentinels: { port: number; child: ChildProcess }[] = [];
  for (let n = 0; n < SENTINELS; n++)
    sentinels.push(await startSentinel(binary, path.join(dir, `sentinel-${n}`), servers[0].port));
  const ports = sentinels.map(({ port }) => port);
  await Promise.all(
    ports.map((port) =>
      until('the Sentinels to know each other and the replica', () => ask(port, knowsAll), {
        timeoutMs: FAILOVER_MS,
      }),
    ),
  );
  const primary = () => Promise.any(ports.map((port) => ask(port, primaryOf)));
  return {
    url: `redis+sentinel://${ports.map((port) => `127.0.0.1:${port}`).join(',')}/${MASTER}`,
    master: MASTER,
    ports,
    primary,
    async failOver() {
      const before = await primary();
      process.kill(servers.find(({ port }) => port === before)!.pid, 'SIGKILL');
      await until('the Sentinels to name the replica', async () => (await primary()) !== before, {
        timeoutMs: FAILOVER_MS,
      });
    },
    endSentinel: (n) => ended(sentinels[n]!.child),
    async stop() {
      await Promise.all([
        ...sentinels.map(({ child }) => ended(child)),
        ...servers.map((each) => each.stop()),
      ]);
    },
  };
}

async function startSentinel(binary: RedisBinary, dir: string, primaryPort: number) {
  mkdirSync(dir, { recursive: true });
  const port = await freePort();
  const file = path.join(dir, 'sentinel.conf');
  // Sentinels keep what they learn in this file. https://redis.io/docs/latest/operate/oss_and_stack/management/sentinel/
  writeFileSync(
    file,
    [
      `port ${port}`,
      'bind 127.0.0.1',
      `dir ${dir}`,
      `logfile ${path.join(dir, 'sentinel.log')}`,
      `sentinel monitor ${MASTER} 127.0.0.1 ${primaryPort} ${QUORUM}`,
      `sentinel down-after-milliseconds ${MASTER} ${DOWN_AFTER_MS}`,
      `sentinel failover-timeout ${MASTER} 10000`,
    ].join('\n'),
  );
  const child = spawn(binary.program, [file, '--sentinel'], {
    env: binary.env,
    stdio: 'ignore',
    detached: true,
  });
  const takeBack = deadManSwitch('kill -TERM "$0"', String(child.pid));
  child.once('exit', takeBack);
  return { port, child };
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const end = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await end;
}

async function knowsAll(sentinel: Redis): Promise<boolean> {
  const fields = (await sentinel.call('sentinel', 'master', MASTER)) as string[];
  const numberIn = (name: string) => Number(fields[fields.indexOf(name) + 1]);
  return numberIn('num-slaves') === 1 && numberIn('num-other-sentinels') === SENTINELS - 1;
}

async function primaryOf(sentinel: Redis): Promise<number> {
  const address = (await sentinel.call('sentinel', 'get-master-addr-by-name', MASTER)) as [string, string];
  return Number(address[1]);
}

async function ask<T>(port: number, work: (sentinel: Redis) => Promise<T>): Promise<T> {
  const sentinel = new Redis({ port, host: '127.0.0.1', maxRetriesPerRequest: 1, commandTimeout: 2_000 });
  sentinel.on('error', () => {});
  try {
    return await work(sentinel);
  } finally {
    sentinel.disconnect();
  }
}
