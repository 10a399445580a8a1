import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { migrate } from '@carillon/db/migrate';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { type Layout, prepareLayout } from '@carillon/local/layout';
import { type NodeChild, startNodeChild } from '@carillon/local/node-child';
import { planPorts, portClaims } from '@carillon/local/port-plan';
import { freePort } from '@carillon/local/ports';
import { startPostgres } from '@carillon/local/postgres';
import { localUrl, logFile, type ProgramName, programs } from '@carillon/local/programs';
import { startRedis } from '@carillon/local/redis';
import { findRedis } from '@carillon/local/redis-binary';
import { loadSecrets, type Secrets } from '@carillon/local/secrets';
import { seedDemo } from '@carillon/local/seed-demo';
import { Redis } from 'ioredis';
import postgres, { type Sql } from 'postgres';
import { handOver } from '../../support/redis-failover.ts';
import { until } from '../../support/until.ts';
import { writeAccounts } from './accounts.ts';
import { type KeptService, keptService } from './kept-service.ts';
import { type Client, type Links, openLinks } from './links.ts';
import { type Postman, startPostman } from './postman.ts';
import { type Simulator, simulatorAt } from './simulator.ts';
import { insertCategories } from './tenant.ts';

export const SERVICES = ['postgres', 'redis', 'api', 'worker-a', 'worker-b'] as const;
export type ServiceName = (typeof SERVICES)[number];

/** What shortens the waits of a short run. */
export interface ChaosSettings {
  /** WORKER_LEASE_SECONDS. */
  leaseSeconds: number;
  /** How long evidence is waited for. Longer than a fault keeps a provider from answering, or the policy decides. */
  resolveWithinSeconds: number;
}

/**
 * The system of a chaos run: the processes of `npm start`, kept alive in the same way, but with two workers that both
 * serve every lane, and with a breakable proxy between every process and every server it uses.
 */
export interface ChaosSystem {
  services: Readonly<Record<ServiceName, KeptService>>;
  links: Links;
  simulator: Simulator;
  postman: Postman;
  apiUrl: string;
  secrets: Secrets;
  /** Directly to PostgreSQL, not through the proxies that faults break. */
  sql: Sql;
  /** The same way, by the account that every process uses. */
  databaseUrl: string;
  /** Logs and data; kept when `keep` is called, else thrown away. */
  dir: string;
  /** FLUSHALL. */
  flushRedis(): Promise<void>;
  /** Deletes what Redis has on disk; only while it is down. */
  wipeRedis(): void;
  /**
   * A second Redis takes over, and no open connection ends. @returns makes the first one take over again, in the same
   * way
   */
  failOverRedis(): Promise<() => Promise<void>>;
  /** The epoch PostgreSQL knows; null while PostgreSQL does not answer or none was declared. */
  epoch(): Promise<string | null>;
  keep(): void;
  stop(): Promise<void>;
}

/** On the disk and not in /tmp, which is memory on some machines. */
const PARENT = '/var/tmp';
const DATABASE = 'chaos';
/** The timeout for answers is shorter than in production: a run must settle within minutes. */
const SEND_TIMEOUT_MS = '3000';

const PROGRAM_OF: Readonly<Record<Client, ProgramName>> = {
  api: 'api',
  'worker-a': 'worker-critical',
  'worker-b': 'worker',
};

/** @param say called at restarts */
export async function startChaosSystem(
  say: (line: string) => void,
  settings: ChaosSettings,
): Promise<ChaosSystem> {
  const dir = mkdtempSync(path.join(PARENT, 'carillon-chaos-'));
  // Under root the database's own account must be able to pass through; what lies inside has its own modes.
  chmodSync(dir, 0o755);
  const claims = portClaims();
  const takeBack = deadManSwitch('sleep 9; rm -rf "$0"', dir);
  let kept = false;
  const stoppers: (() => Promise<unknown>)[] = [
    async () => {
      claims.releaseAll();
      takeBack();
      if (!kept) rmSync(dir, { recursive: true, force: true });
    },
  ];
  const stop = async (): Promise<void> => {
    for (const each of stoppers.splice(0).reverse()) await each();
  };
  const begun = async <T extends KeptService>(service: T): Promise<T> => {
    stoppers.push(() => service.stop());
    await service.start();
    return service;
  };

  try {
    const layout = prepareLayout(dir);
    const secrets = loadSecrets(layout.secrets);
    const ports = await planPorts(null, claims);
    const [pg, redis] = await Promise.all([
      begun(keptService('postgres', () => startPostgres(postgresOf(layout, secrets, ports.postgres)), say)),
      begun(keptService('redis', () => startRedis(redisOf(layout, ports.redis)), say)),
    ]);
    const databaseUrl = await makeDatabase(secrets, ports.postgres);
    await migrate(databaseUrl);
    await seedDemo(databaseUrl, secrets);
    const sql = postgres(databaseUrl, { max: 3, onnotice: () => {}, connect_timeout: 3 });
    stoppers.push(() => sql.end({ timeout: 2 }));
    await insertCategories(sql, secrets.appId, settings.resolveWithinSeconds);

    const options = {
      dataDir: dir,
      portBase: null,
      load: 0,
      campaign: 0,
      quiet: true,
      observe: false,
      databaseUrl: null,
      redisUrl: null,
      nodeEnv: 'test',
      traces: {},
      logLevel: 'info',
      errorTexts: 'scrubbed',
      leaseSeconds: null,
    };
    const specs = programs(options, layout, ports, { database: databaseUrl, redis: localRedis(ports.redis) });
    const postman = await startPostman(localUrl(ports.api));
    stoppers.push(postman.close);
    specs.simulator.env.SIMULATOR_RECEIPTS_URL = postman.url;
    const simulator = await startNodeChild(specs.simulator);
    stoppers.push(simulator.stop);
    const links = await openLinks({
      postgres: ports.postgres,
      redis: ports.redis,
      http: ports.simulator,
      tls: ports.simulatorTls,
      smtp: ports.simulatorSmtp,
    });
    stoppers.push(links.close);

    const providersFile = path.join(dir, 'providers.json');
    writeAccounts(
      providersFile,
      {
        http: links.port('workers>http'),
        tls: links.port('workers>tls'),
        smtp: links.port('workers>smtp'),
      },
      postman.url,
    );
    const start = async (client: Client): Promise<KeptService> => {
      const spec = throughLinks(specs[PROGRAM_OF[client]], client, databaseUrl, links, dir, settings);
      if (client === 'api') spec.env.PUBLIC_BASE_URL = postman.url;
      return begun(keptService(client, () => startNodeChild(spec), say));
    };
    const heir = await startRedis({
      ...redisOf(layout, await freePort(undefined, claims.claim)),
      dir: path.join(dir, 'redis-heir'),
      logFile: path.join(dir, 'logs', 'redis-heir.log'),
    });
    stoppers.push(heir.stop);
    const [api, workerA, workerB] = await Promise.all([start('api'), start('worker-a'), start('worker-b')]);
    const epoch = async (): Promise<string | null> => {
      const rows = await sql<{ epoch: string }[]>`select epoch from redis_epoch`.catch(() => []);
      return rows[0]?.epoch ?? null;
    };
    await until('the first epoch', epoch);

    return {
      services: { postgres: pg, redis, api: api!, 'worker-a': workerA!, 'worker-b': workerB! },
      links,
      simulator: simulatorAt(localUrl(ports.simulator)),
      postman,
      apiUrl: localUrl(ports.api),
      secrets,
      sql,
      databaseUrl,
      dir,
      flushRedis: () => flush(localRedis(ports.redis)),
      wipeRedis: () => {
        for (const name of readdirSync(layout.redis))
          rmSync(path.join(layout.redis, name), { recursive: true });
      },
      failOverRedis: async () => {
        await handOver(ports.redis, heir.port, links.leadToRedis);
        // The second server stays a replica: clients still connected to it are refused, not disconnected.
        return () => handOver(heir.port, ports.redis, links.leadToRedis);
      },
      epoch,
      keep: () => {
        kept = true;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

const localRedis = (port: number): string => `redis://127.0.0.1:${port}`;

function postgresOf(layout: Layout, secrets: Secrets, port: number) {
  return {
    dataDir: layout.postgres,
    port,
    password: secrets.postgresPassword,
    logFile: logFile(layout, 'postgres'),
  };
}

function redisOf(layout: Layout, port: number) {
  return {
    binary: findRedis(layout.cache, () => {}),
    dir: layout.redis,
    port,
    logFile: logFile(layout, 'redis'),
  };
}

async function makeDatabase(secrets: Secrets, port: number): Promise<string> {
  const url = new URL(`postgres://carillon:${secrets.postgresPassword}@127.0.0.1:${port}/postgres`);
  const admin = postgres(url.href, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(`create database ${DATABASE}`);
  } finally {
    await admin.end({ timeout: 5 });
  }
  url.pathname = `/${DATABASE}`;
  return url.href;
}

/** The program as in `npm start`, but its servers are reached through its own proxies. */
function throughLinks(
  spec: NodeChild,
  client: Client,
  databaseUrl: string,
  links: Links,
  dir: string,
  { leaseSeconds }: ChaosSettings,
): NodeChild {
  const database = new URL(databaseUrl);
  database.port = String(links.port(`${client}>postgres`));
  const worker = {
    PROVIDERS_FILE: path.join(dir, 'providers.json'),
    SEND_TIMEOUT_MS,
    WORKER_LEASE_SECONDS: String(leaseSeconds),
  };
  return {
    ...spec,
    env: {
      ...spec.env,
      DATABASE_URL: database.href,
      REDIS_URL: localRedis(links.port(`${client}>redis`)),
      ...(client === 'api' ? {} : worker),
    },
    logFile: path.join(dir, 'logs', `${client}.log`),
    // Both workers serve the critical lanes: on a busy machine neither may be too slow to come up.
    niceness: 0,
  };
}

async function flush(url: string): Promise<void> {
  const redis = new Redis(url, { maxRetriesPerRequest: 5, connectTimeout: 2_000 });
  redis.on('error', () => {});
  try {
    await redis.flushall();
  } finally {
    redis.disconnect();
  }
}
