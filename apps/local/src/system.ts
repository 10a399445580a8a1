import { rmSync } from 'node:fs';
import { openSession } from '@carillon/db/connection/session';
import { migrate } from '@carillon/db/migrate';
import type { Layout } from './layout.ts';
import { startNodeChild } from './node-child.ts';
import { findPrometheus, startPrometheus } from './observe/prometheus.ts';
import type { StartOptions } from './options.ts';
import { recordChildren } from './orphaned-processes.ts';
import { type PortPlan, planPorts, portClaims } from './port-plan.ts';
import { startPostgres } from './postgres.ts';
import { localUrl, logFile, type ProgramName, programs, type Urls, WORKERS_OF } from './programs.ts';
import { writeProviders } from './provider-accounts.ts';
import { startRedis } from './redis.ts';
import { findRedis } from './redis-binary.ts';
import { type RunFile, removeRunFile, writeRunFile } from './run-file.ts';
import type { Secrets } from './secrets.ts';
import { seedDemo } from './seed-demo.ts';
import { type Running, Supervised } from './supervised.ts';
import { WorkerProcesses } from './worker-processes.ts';

/** Clients are stopped first, servers last, so that no process loses a server it still needs to finish its work. */
const STOP_ORDER = [
  ['prometheus'],
  ['api', 'dashboard'],
  [...WORKERS_OF.single, ...WORKERS_OF.separate],
  ['simulator', 'traces'],
  ['redis'],
  ['postgres'],
];

/** Everything `npm start` runs: started in order, restarted on failure, and stopped in order. */
export class System {
  readonly #options: StartOptions;
  readonly #layout: Layout;
  readonly #secrets: Secrets;
  readonly #say: (line: string) => void;
  readonly #members = new Map<string, Supervised>();
  readonly #claims = portClaims();
  #ports: PortPlan | null = null;
  #urls: Urls = { database: '', redis: '' };
  #workers: WorkerProcesses | null = null;
  #up = false;
  #stopping = false;

  constructor(options: StartOptions, layout: Layout, secrets: Secrets, say: (line: string) => void) {
    this.#options = options;
    this.#layout = layout;
    this.#secrets = secrets;
    this.#say = say;
  }

  /** Resolves when everything answers. Throws when something does not start; `stop` ends what runs by then. */
  async start(): Promise<RunFile> {
    const ports = await planPorts(this.#options.portBase, this.#claims);
    this.#ports = ports;
    const [database, redis] = await Promise.all([this.#startPostgres(ports), this.#startRedis(ports)]);
    this.#urls = { database, redis };
    await migrate(database);
    await seedDemo(database, this.#secrets, localUrl(ports.simulator));
    writeProviders(this.#layout.providers, ports);

    const specs = programs(this.#options, this.#layout, ports, this.#urls, this.#secrets.testKey);
    const start = (name: ProgramName) => this.#supervise(name, () => startNodeChild(specs[name]));
    await Promise.all([start('simulator'), ...(this.#options.observe ? [start('traces')] : [])]);
    const workers = new WorkerProcesses({
      // Load comes at once, or is to be looked at: the picture must not change with it.
      layout:
        this.#options.load + this.#options.campaign > 0 || this.#options.observe ? 'separate' : 'single',
      start,
      stop: (name) => this.#dismiss(name),
      healthUrl: (name) => specs[name].readyUrl.replace('/readyz', '/healthz'),
      say: this.#say,
    });
    this.#workers = workers;
    await Promise.all([start('api'), workers.start(), start('dashboard')]);
    if (this.#options.observe) await this.#startPrometheus(ports);
    else workers.follow();
    this.#up = true;
    this.#changed();
    return this.#runFile();
  }

  /** Stops all processes in order; afterwards only the data remains. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#up = false;
    removeRunFile(this.#layout.run);
    await this.#workers?.unfollow();
    for (const names of STOP_ORDER) await Promise.all(names.map((name) => this.#members.get(name)?.stop()));
    rmSync(this.#layout.pids, { force: true });
    this.#claims.releaseAll();
  }

  async #startPostgres(ports: PortPlan): Promise<string> {
    if (this.#options.databaseUrl) return this.#options.databaseUrl;
    const { postgresPassword: password } = this.#secrets;
    const spec = {
      dataDir: this.#layout.postgres,
      port: ports.postgres,
      password,
      logFile: logFile(this.#layout, 'postgres'),
    };
    let adminUrl = '';
    await this.#supervise('postgres', async () => {
      const server = await startPostgres(spec);
      adminUrl = server.url;
      return server;
    });
    return ownDatabase(adminUrl, 'carillon');
  }

  async #startRedis(ports: PortPlan): Promise<string> {
    if (this.#options.redisUrl) return this.#options.redisUrl;
    const binary = findRedis(this.#layout.cache, this.#say);
    const spec = {
      binary,
      dir: this.#layout.redis,
      port: ports.redis,
      logFile: logFile(this.#layout, 'redis'),
    };
    await this.#supervise('redis', () => startRedis(spec));
    return `redis://127.0.0.1:${ports.redis}`;
  }

  /** Without one to be had, everything else works: the programs still serve /metrics. */
  async #startPrometheus(ports: PortPlan): Promise<void> {
    const binary = findPrometheus(this.#layout.cache, this.#say);
    if (binary === null) {
      this.#say(
        'no Prometheus: install one ("apt install prometheus"; one on PATH is used) to query metrics',
      );
      return;
    }
    const at = (...chosen: (keyof PortPlan)[]) => chosen.map((name) => `127.0.0.1:${ports[name]}`);
    const spec = {
      binary,
      dir: this.#layout.prometheus,
      port: ports.prometheus,
      logFile: logFile(this.#layout, 'prometheus'),
      targets: {
        'carillon-api': at('api'),
        'carillon-worker': at('criticalWorker', 'worker', 'bulkWorker'),
        'carillon-dashboard': at('dashboard'),
      },
    };
    await this.#supervise('prometheus', () => startPrometheus(spec));
  }

  async #supervise(name: string, begin: () => Promise<Running>): Promise<void> {
    if (this.#stopping) throw new Error('stopped while starting');
    const member = new Supervised(name, begin, this.#say, () => this.#changed());
    this.#members.set(name, member);
    await member.start();
  }

  async #dismiss(name: ProgramName): Promise<void> {
    await this.#members.get(name)?.stop();
    this.#members.delete(name);
    this.#changed();
  }

  /** A child's pid changed: records it for the next start and external tools. */
  #changed(): void {
    const pids: Record<string, number> = {};
    for (const [name, member] of this.#members) if (member.pid) pids[name] = member.pid;
    recordChildren(this.#layout.pids, pids);
    if (this.#up) writeRunFile(this.#layout.run, this.#runFile());
  }

  #runFile(): RunFile {
    const ports = this.#ports!;
    const pid = (name: string) => this.#members.get(name)?.pid ?? null;
    return {
      api: localUrl(ports.api),
      dashboard: localUrl(ports.dashboard),
      simulator: localUrl(ports.simulator),
      ...(this.#members.has('traces') ? { traces: localUrl(ports.traces) } : {}),
      ...(this.#members.has('prometheus') ? { prometheus: localUrl(ports.prometheus) } : {}),
      database_url: this.#urls.database,
      redis_url: this.#urls.redis,
      api_key: this.#secrets.testKey,
      live_api_key: this.#secrets.liveKey,
      staff: { email: this.#secrets.staffEmail, password: this.#secrets.staffPassword },
      pids: {
        supervisor: process.pid,
        api: pid('api'),
        workers: (this.#workers?.names ?? []).map(pid),
        dashboard: pid('dashboard'),
        simulator: pid('simulator'),
        ...(this.#members.has('postgres') ? { postgres: pid('postgres') } : {}),
        ...(this.#members.has('redis') ? { redis: pid('redis') } : {}),
      },
    };
  }
}

/** Makes the database if it is missing. @returns its URL */
async function ownDatabase(adminUrl: string, name: string): Promise<string> {
  const admin = openSession({ url: adminUrl, name: 'carillon start' });
  try {
    const [known] = await admin`select 1 from pg_database where datname = ${name}`;
    if (!known) await admin.unsafe(`create database ${name}`);
  } finally {
    await admin.end({ timeout: 5 });
  }
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return url.href;
}
