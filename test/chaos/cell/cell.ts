import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Environment } from '@carillon/core/notification/environment';
import { freePort } from '@carillon/local/ports';
import postgres, { type Sql } from 'postgres';
import { apiUnderTest } from '../../support/api.ts';
import { deleteKeys, keysOf, withRedis } from '../../support/redis-keys.ts';
import { until } from '../../support/until.ts';
import type { Asked, FaultRecord } from '../judge/evidence.ts';
import { judge, type Verdict } from '../judge/judge.ts';
import type { CallApi } from '../load/ask.ts';
import { runLoad } from '../load/load.ts';
import type { PlannedRequest } from '../load/plan.ts';
import { createRandom } from '../load/random.ts';
import { collectEvidence } from '../system/collect.ts';
import { untilSettled } from '../system/settle.ts';
import { insertCategories } from '../system/tenant.ts';
import { type Child, startChild } from './child.ts';
import type { Ground } from './ground.ts';

/** A small separate system on shared servers: a database, a namespace, an app, and its processes. */
export interface Cell {
  name: string;
  appId: string;
  sql: Sql;
  /** Of its database, by an account that may do everything. */
  databaseUrl: string;
  redisUrl: string;
  simulatorUrl: string;
  namespace: string;
  /** Calls the API in this process, without a port. */
  call: CallApi;
  /** Of the app, one per environment. */
  keys: Readonly<Record<Environment, string>>;
  /**
   * Starts an API process: the product's program, or the given script in its place.
   *
   * @param root the checkout it is of; default this one
   */
  startApi(port: number, script?: Script, env?: Readonly<Record<string, string>>, root?: string): Child;
  /** Sends all requests, by default as fast as they are answered, and waits for the answers. */
  ask(requests: Iterable<PlannedRequest>, call?: CallApi, notificationsPerSecond?: number): Promise<Asked[]>;
  /** Makes known what was made without a request. */
  expects(notifications: readonly Asked[]): void;
  /** Starts a worker in the same way. */
  startWorker(script?: Script, env?: Readonly<Record<string, string>>, root?: string): Child;
  /** Starts the product's worker. @returns when it answered that it is healthy */
  startHealthyWorker(): Promise<number>;
  /** Resolves when a worker has declared the first epoch: it has connected to everything by then. */
  isUp(): Promise<void>;
  /** Deletes every key of the namespace: to this cell, Redis has lost everything. */
  loseRedis(): Promise<void>;
  /** Deletes the jobs but not the epoch: the loss cannot be detected. */
  loseJobs(): Promise<void>;
  stateOf(id: string): Promise<string>;
  /** Whether a provider accepted it. */
  isTaken(id: string): Promise<boolean>;
  settle(timeoutMs: number): Promise<{ tookMs: number; open: number }>;
  judge(faults?: readonly FaultRecord[]): Promise<Verdict>;
  /** Of all its processes together. */
  logFile: string;
  /** The end of it. */
  logs(): string;
  close(): Promise<void>;
}

export type Script = readonly [file: string, ...args: string[]];

const API: Script = ['apps/api/src/main.ts'];
const WORKER: Script = ['apps/worker/src/main.ts'];
const GIVE_UP_AFTER_MS = 60_000;
const RESOLVE_WITHIN_SECONDS = 10;

/** @param leaseSeconds WORKER_LEASE_SECONDS of its workers; critical ones have half of it */
export async function openCell(ground: Ground, name: string, leaseSeconds: number): Promise<Cell> {
  const mark = randomBytes(5).toString('hex');
  const database = `carillon_cell_${mark}`;
  const namespace = `cell${mark}`;
  await asAdmin(ground, `create database ${database} template ${ground.templateDatabase}`);
  const databaseUrl = new URL(ground.adminDatabaseUrl);
  databaseUrl.pathname = `/${database}`;
  const api = await apiUnderTest(databaseUrl.href);
  const sql = postgres(databaseUrl.href, { max: 2, onnotice: () => {} });
  const keys = { live: await api.key({ environment: 'live' }), test: await api.key({ environment: 'test' }) };
  await insertCategories(sql, api.appId, RESOLVE_WITHIN_SECONDS);
  const logFile = path.join(ground.dir, `${name.replaceAll(/\W+/g, '-')}-${mark}.log`);
  const children: Child[] = [];
  const asked: Asked[] = [];
  const shared = {
    NODE_ENV: 'test',
    LOG_LEVEL: 'info',
    NAMESPACE: namespace,
    DATABASE_URL: databaseUrl.href,
    REDIS_URL: ground.redisUrl,
  };
  const worker = {
    WORKER_PORT: '0',
    WORKER_ROLES: 'deliver:critical,deliver:bulk,relay:critical,relay:bulk,maintenance',
    WORKER_DATABASE_CONNECTIONS: '4',
    PROVIDERS_FILE: ground.providersFile,
    SEND_TIMEOUT_MS: '3000',
    WORKER_LEASE_SECONDS: String(leaseSeconds),
  };
  const call: CallApi = async (environment, where, body) =>
    api.request('POST', where, body, { key: keys[environment] });
  const begin = (script: Script, env: Record<string, string>, root?: string): Child => {
    const child = startChild(script, { ...shared, ...env }, logFile, root);
    children.push(child);
    return child;
  };

  return {
    name,
    appId: api.appId,
    sql,
    databaseUrl: databaseUrl.href,
    redisUrl: ground.redisUrl,
    simulatorUrl: ground.simulator.url,
    namespace,
    call,
    keys,
    startApi: (port, script = API, env = {}, root) => begin(script, { API_PORT: String(port), ...env }, root),
    async ask(requests, by = call, notificationsPerSecond = 10_000) {
      const random = createRandom(1);
      const made = await runLoad({
        requests,
        call: by,
        appId: api.appId,
        notificationsPerSecond,
        random,
        giveUpAfterMs: GIVE_UP_AFTER_MS,
      });
      asked.push(...made);
      return made;
    },
    expects: (notifications) => {
      for (const each of notifications) asked.push(each);
    },
    startWorker: (script = WORKER, env = {}, root) => begin(script, { ...worker, ...env }, root),
    async startHealthyWorker() {
      const port = await freePort();
      begin(WORKER, { ...worker, WORKER_PORT: String(port) });
      const url = `http://127.0.0.1:${port}/readyz`;
      await until(`a worker of ${name} to be healthy`, () => fetch(url).then(({ ok }) => ok), {
        timeoutMs: 60_000,
        everyMs: 50,
      });
      return Date.now();
    },
    async isUp() {
      await until(
        `a worker of ${name} to be up`,
        () => sql`select 1 from redis_epoch`.then((rows) => rows[0]),
        { timeoutMs: 60_000, everyMs: 50 },
      );
    },
    loseRedis: () => withRedis(ground.redisUrl, (redis) => deleteKeys(redis, `*${namespace}*`)),
    loseJobs: () =>
      withRedis(ground.redisUrl, async (redis) => {
        for (const key of await keysOf(redis, `*${namespace}*`))
          if (!key.includes('epoch')) await redis.unlink(key);
      }),
    stateOf: async (id) => {
      const [row] = await sql<{ state: string }[]>`select state from notifications where id = ${id}`;
      return row?.state ?? 'missing';
    },
    isTaken: async (id) => {
      const answer = await fetch(`${ground.simulator.url}/ledger/count?notification_id=${id}`);
      return ((await answer.json()) as { count: number }).count > 0;
    },
    settle: (timeoutMs) => untilSettled(sql, timeoutMs),
    async judge(faults = []) {
      const evidence = await collectEvidence(sql, ground.simulator, asked, faults);
      const own = new Set([...asked.map(({ id }) => id), ...evidence.rows.map(({ id }) => id)]);
      const ledger = evidence.ledger.filter(
        ({ notificationId }) => notificationId !== null && own.has(notificationId),
      );
      return judge({ ...evidence, ledger });
    },
    logFile,
    logs: () => tail(logFile),
    async close() {
      for (const child of children) {
        child.signal('SIGCONT');
        child.signal('SIGKILL');
        await child.ended;
      }
      await api.close();
      await sql.end({ timeout: 2 });
      await asAdmin(ground, `drop database if exists ${database} with (force)`);
      await withRedis(ground.redisUrl, (redis) => deleteKeys(redis, `*${namespace}*`));
    },
  };
}

async function asAdmin({ adminDatabaseUrl }: Ground, statement: string): Promise<void> {
  const admin = postgres(adminDatabaseUrl, { max: 1, onnotice: () => {} });
  try {
    await admin.unsafe(statement);
  } finally {
    await admin.end({ timeout: 5 });
  }
}

function tail(file: string): string {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-12).join('\n');
  } catch {
    return '(no log)';
  }
}
