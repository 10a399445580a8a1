import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { migrate } from '@carillon/db/migrate';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { freePort } from '@carillon/local/ports';
import { type LocalPostgres, reachableDir, startPostgres } from '@carillon/local/postgres';
import { startRedis } from '@carillon/local/redis';
import { findRedis } from '@carillon/local/redis-binary';
import postgres from 'postgres';
import { startCluster } from './redis-cluster.ts';

/**
 * The real PostgreSQL and Redis of a test run. `DATABASE_URL` (an account that may create databases) and `REDIS_URL`
 * name running ones; the others are started here, in a temporary directory. `TEST_REDIS=cluster` starts a cluster.
 */
export interface Servers {
  adminDatabaseUrl: string;
  templateDatabase: string;
  redisUrl: string;
  stop(): Promise<void>;
}

const CACHE = path.join(import.meta.dirname, '../../node_modules/.cache/carillon');

export async function startServers(): Promise<Servers> {
  const dir = mkdtempSync(path.join(reachableDir(tmpdir(), '/var/tmp'), 'carillon-test-'));
  // Under root the database's own account must be able to pass through; what lies inside has its own modes.
  chmodSync(dir, 0o755);
  const takeBack = deadManSwitch('sleep 2; rm -rf "$0"', dir);
  const stoppers: (() => Promise<void>)[] = [
    async () => {
      rmSync(dir, { recursive: true, force: true });
      takeBack();
    },
  ];
  const stop = async () => {
    for (const each of stoppers.reverse()) await each();
  };
  try {
    const adminDatabaseUrl = process.env.DATABASE_URL ?? (await ownPostgres(dir, stoppers)).url;
    const redisUrl = process.env.REDIS_URL ?? (await ownRedis(dir, stoppers));
    const templateDatabase = `carillon_template_${randomBytes(6).toString('hex')}`;
    await makeTemplate(adminDatabaseUrl, templateDatabase, stoppers);
    return { adminDatabaseUrl, templateDatabase, redisUrl, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ownPostgres(dir: string, stoppers: (() => Promise<void>)[]): Promise<LocalPostgres> {
  const server = await startPostgres({
    dataDir: path.join(dir, 'postgres'),
    port: await freePort(),
    // As in production, where a guessable one is refused: some tests run programs in that mode.
    password: randomBytes(18).toString('hex'),
    logFile: path.join(dir, 'postgres.log'),
    durable: false,
  });
  stoppers.push(server.stop);
  return server;
}

async function ownRedis(dir: string, stoppers: (() => Promise<void>)[]): Promise<string> {
  const started = REDIS_KINDS[process.env.TEST_REDIS ?? 'single'];
  if (!started)
    throw new Error(
      `TEST_REDIS is "${process.env.TEST_REDIS}": ${Object.keys(REDIS_KINDS).join(', ')} are known`,
    );
  const server = await started(dir);
  stoppers.push(server.stop);
  return server.url;
}

/** By `TEST_REDIS`: the whole run on one server, or on three masters and three replicas. */
const REDIS_KINDS: Readonly<
  Record<string, (dir: string) => Promise<{ url: string; stop(): Promise<void> }>>
> = {
  single: async (dir) =>
    startRedis({
      binary: findRedis(CACHE, console.log),
      dir: path.join(dir, 'redis'),
      port: await freePort(),
      logFile: path.join(dir, 'redis.log'),
    }),
  cluster: (dir) => startCluster(dir),
};

async function makeTemplate(
  adminUrl: string,
  name: string,
  stoppers: (() => Promise<void>)[],
): Promise<void> {
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {} });
  stoppers.push(async () => {
    await admin.unsafe(`drop database if exists ${name} with (force)`);
    await admin.end({ timeout: 5 });
  });
  await admin.unsafe(`create database ${name}`);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  await migrate(url.href);
}
