import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import path from 'node:path';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { type Layout, prepareLayout } from '@carillon/local/layout';
import { startNodeChild } from '@carillon/local/node-child';
import { type PortPlan, planPorts, portClaims } from '@carillon/local/port-plan';
import { freePort } from '@carillon/local/ports';
import { startPostgres } from '@carillon/local/postgres';
import { localUrl, logFile, programs } from '@carillon/local/programs';
import { startRedis } from '@carillon/local/redis';
import { findRedis } from '@carillon/local/redis-binary';
import { loadSecrets, type Secrets } from '@carillon/local/secrets';
import postgres, { type Sql } from 'postgres';
import { type Ledger, openLedger } from './measure/ledger.ts';

/**
 * The servers of both contenders: one PostgreSQL and one Redis with the settings of `npm start` (fsync on, append-only
 * file written every second), and the simulator, each a process of its own, in a directory that is thrown away.
 */
export interface Ground {
  layout: Layout;
  ports: PortPlan;
  secrets: Secrets;
  redisUrl: string;
  simulatorUrl: string;
  ledger: Ledger;
  pids: { postgres: number; redis: number; simulator: number };
  /** Makes a database. @returns its URL */
  database(name: string): Promise<string>;
  /** A port for one more server. */
  port(): Promise<number>;
  /** Writes what earlier runs left in memory to disk, so that a run does not pay for the one before. */
  checkpoint(): Promise<void>;
  /** Runs at the end, before the servers go; the latest first. */
  atEnd(stop: () => Promise<unknown>): void;
  stop(): Promise<void>;
}

/** On the disk and not in /tmp, which is memory on some machines: what is on disk must cost what a disk costs. */
const PARENT = '/var/tmp';

export interface GroundOptions {
  /** How long the provider takes to answer. */
  latencyMs: number;
  /** Whether the simulator sends receipts. The control cannot receive them. */
  receipts: boolean;
}

export async function prepareGround({ latencyMs, receipts }: GroundOptions): Promise<Ground> {
  const dir = mkdtempSync(path.join(PARENT, 'carillon-bench-'));
  // Under root the database's own account must be able to pass through; what lies inside has its own modes.
  chmodSync(dir, 0o755);
  const takeBack = deadManSwitch('sleep 2; rm -rf "$0"', dir);
  const claims = portClaims();
  const stoppers: (() => Promise<unknown>)[] = [
    async () => {
      claims.releaseAll();
      rmSync(dir, { recursive: true, force: true });
      takeBack();
    },
  ];
  const stop = async () => {
    for (const each of stoppers.splice(0).reverse()) await each();
  };
  try {
    const layout = prepareLayout(dir);
    const secrets = loadSecrets(layout.secrets);
    const ports = await planPorts(null, claims);
    const [server, redis] = await Promise.all([
      startPostgres({
        dataDir: layout.postgres,
        port: ports.postgres,
        password: secrets.postgresPassword,
        logFile: logFile(layout, 'postgres'),
      }),
      startRedis({
        binary: findRedis(layout.cache, console.log),
        dir: layout.redis,
        port: ports.redis,
        logFile: logFile(layout, 'redis'),
      }),
    ]);
    stoppers.push(redis.stop, server.stop);
    const admin: Sql = postgres(server.url, { max: 1, onnotice: () => {} });
    stoppers.push(() => admin.end({ timeout: 5 }));
    const spec = programs(startOptions(dir), layout, ports, { database: '', redis: '' }).simulator;
    if (!receipts) delete spec.env.SIMULATOR_RECEIPTS_URL;
    const simulator = await startNodeChild(spec);
    stoppers.push(simulator.stop);
    const simulatorUrl = localUrl(ports.simulator);
    await setLatency(simulatorUrl, latencyMs);
    return {
      layout,
      ports,
      secrets,
      redisUrl: redis.url,
      simulatorUrl,
      ledger: openLedger(simulatorUrl),
      pids: { postgres: server.pid, redis: redis.pid, simulator: simulator.pid },
      async database(name) {
        await admin.unsafe(`create database ${name}`);
        const url = new URL(server.url);
        url.pathname = `/${name}`;
        return url.href;
      },
      port: () => freePort(undefined, claims.claim),
      checkpoint: async () => void (await admin`checkpoint`),
      atEnd: (each) => stoppers.push(each),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** As `npm start` without a flag would have them. */
export function startOptions(dataDir: string) {
  return {
    dataDir,
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
}

async function setLatency(simulatorUrl: string, latencyMs: number): Promise<void> {
  const answer = await fetch(`${simulatorUrl}/behaviour`, {
    method: 'PUT',
    body: JSON.stringify({ provider: '*', latency_ms: latencyMs }),
  });
  if (!answer.ok) throw new Error(`the simulator refused its latency: ${await answer.text()}`);
}
