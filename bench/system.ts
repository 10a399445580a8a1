import { writeFileSync } from 'node:fs';
import { LANES } from '@carillon/core/notification/lane';
import { migrate } from '@carillon/db/migrate';
import { type NodeChild, startNodeChild } from '@carillon/local/node-child';
import { localUrl, programs, WORKERS, type WorkerName } from '@carillon/local/programs';
import { writeProviders } from '@carillon/local/provider-accounts';
import { seedDemo } from '@carillon/local/seed-demo';
import type { Running } from '@carillon/local/supervised';
import type { AccountSettings } from '@carillon/providers/accounts/registry';
import type { RedisClient } from '@carillon/queue/connection';
import { producerConnection } from '@carillon/queue/connection';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import postgres, { type Sql } from 'postgres';
import type { Contender } from './contender.ts';
import { type Ground, startOptions } from './ground.ts';

/** Carillon as `npm start` runs it: the API and its worker processes, configured by environment. */
export interface CarillonSystem extends Contender {
  databaseUrl: string;
  sql: Sql;
  redis: RedisClient;
  producer: Producer;
  /** Restarts the workers of normal and bulk lanes so that they send through these accounts only. */
  useAccounts(...ids: string[]): Promise<void>;
  /** The workers of normal and bulk lanes; the critical one keeps running. */
  startBulkWorkers(): Promise<void>;
  stopBulkWorkers(): Promise<void>;
  accountIds: readonly string[];
  restartApi(): Promise<void>;
  /** Restarts the API and all workers with these settings in addition. */
  restartWith(env: Record<string, string>): Promise<void>;
}

/** The simplest adapter; every other costs more and has a row of its own. */
export const LEANEST = 'generic-email';
const TABLES = 'notifications, outbox, delivery_attempts, notification_history, inbox_messages';
const BULK = ['worker', 'worker-bulk'] as const;
const DEADLOCK = '40P01';
const NAMESPACE = 'cln';
/** The limit of the demo key counts requests; here it would measure itself. */
const NO_RATE_LIMIT = '10000000';

/** @param profileDir where V8 writes a processor profile of each process when it ends; null: none */
export async function startCarillon(ground: Ground, profileDir: string | null): Promise<CarillonSystem> {
  const { layout, ports, secrets, redisUrl } = ground;
  const database = await ground.database('carillon');
  await migrate(database);
  await seedDemo(database, secrets);
  writeProviders(layout.providers, ports);
  const accounts = readAccounts(ground);
  const use = (ids: readonly string[]) =>
    writeFileSync(layout.providers, JSON.stringify(accounts.filter(({ id }) => ids.includes(id))));
  use([LEANEST]);

  const specs = programs(startOptions(layout.dir), layout, ports, { database, redis: redisUrl });
  const running = new Map<string, Running>();
  let extra: Record<string, string> = {};
  const start = async (name: 'api' | WorkerName, more: Record<string, string> = {}) => {
    if (running.has(name)) return;
    running.set(
      name,
      await startNodeChild(withEnv(specs[name], { ...more, ...extra, ...profiled(profileDir, name) })),
    );
  };
  const stop = async (name: string) => {
    await running.get(name)?.stop();
    running.delete(name);
  };
  const startAll = async (names: readonly WorkerName[]) => {
    await Promise.all(names.map((name) => start(name)));
  };
  const stopAll = async (names: Iterable<string>) => {
    await Promise.all([...names].map(stop));
  };
  ground.atEnd(() => stopAll(running.keys()));
  await start('api', { RATE_LIMIT_PER_SECOND: NO_RATE_LIMIT });
  await startAll(WORKERS);

  const sql = postgres(database, { max: 2, onnotice: () => {} });
  const redis = producerConnection(redisUrl, 'bench');
  const producer = createProducer(redis, NAMESPACE);
  ground.atEnd(async () => {
    await producer.close();
    redis.disconnect();
    await sql.end({ timeout: 5 });
  });

  return {
    name: 'carillon',
    target: { url: localUrl(ports.api), shape: 'carillon', apiKey: secrets.liveKey },
    databaseUrl: database,
    sql,
    redis,
    producer,
    accountIds: accounts.map(({ id }) => id),
    pids: () => Object.fromEntries([...running].map(([name, { pid }]) => [name, pid])),
    startBulkWorkers: () => startAll(BULK),
    stopBulkWorkers: () => stopAll(BULK),
    startWorkers: () => startAll(WORKERS),
    stopWorkers: () => stopAll(WORKERS),
    async useAccounts(...ids) {
      await stopAll(BULK);
      use(ids);
      await startAll(BULK);
    },
    async restartApi() {
      await stop('api');
      await start('api', { RATE_LIMIT_PER_SECOND: NO_RATE_LIMIT });
    },
    async restartWith(env) {
      extra = env;
      await stopAll(['api', ...WORKERS]);
      await start('api', { RATE_LIMIT_PER_SECOND: NO_RATE_LIMIT });
      await startAll(WORKERS);
    },
    async clear() {
      await truncate(sql);
      for (const lane of LANES) await producer.queue(lane).obliterate({ force: true });
    },
    async acceptedIds() {
      return new Set((await sql<{ id: string }[]>`select id from notifications`).map(({ id }) => id));
    },
    async unfinished() {
      const [row] = await sql<[{ count: number }]>`
        select count(*)::int as count from notifications where state not in ('sent', 'delivered')`;
      return row.count;
    },
  };
}

/**
 * Maintenance of an idle worker may hold one of the tables while it waits for another; then the statement is retried.
 */
async function truncate(sql: Sql): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await sql.unsafe(`truncate ${TABLES} restart identity`);
      return;
    } catch (error) {
      if ((error as { code?: string }).code !== DEADLOCK || tries === 5) throw error;
    }
  }
}

/** All accounts that `npm start` would have, unlimited as there. */
function readAccounts({ ports, simulatorUrl }: Ground): AccountSettings[] {
  return simulatorAccounts({
    httpUrl: simulatorUrl,
    tlsHost: '127.0.0.1',
    tlsPort: ports.simulatorTls,
    caFile: CA_FILE,
    smtpUrl: `smtp://127.0.0.1:${ports.simulatorSmtp}`,
    apiUrl: localUrl(ports.api),
  });
}

const CA_FILE = new URL('../packages/providers/fixtures/tls/ca.pem', import.meta.url).pathname;

function withEnv(spec: NodeChild, env: Record<string, string>): NodeChild {
  return { ...spec, env: { ...spec.env, ...env } };
}

export function profiled(dir: string | null, name: string): Record<string, string> {
  if (dir === null) return {};
  return { NODE_OPTIONS: `--cpu-prof --cpu-prof-dir=${dir} --cpu-prof-name=${name}-\${pid}.cpuprofile` };
}
