import path from 'node:path';
import type { Layout } from './layout.ts';
import type { NodeChild } from './node-child.ts';
import type { StartOptions } from './options.ts';
import type { PortPlan } from './port-plan.ts';

export interface Urls {
  database: string;
  redis: string;
}

export const WORKERS = ['worker-critical', 'worker', 'worker-bulk'] as const;
export type WorkerName = (typeof WORKERS)[number];

/** Our own programs in the order in which they come up. Names are shown to the user and name the log files. */
export type ProgramName = 'simulator' | 'api' | WorkerName | 'dashboard';

/** What each program is started with: everything by environment, as in production. */
export function programs(
  options: StartOptions,
  layout: Layout,
  ports: PortPlan,
  urls: Urls,
): Record<ProgramName, NodeChild> {
  const shared = {
    DATABASE_URL: urls.database,
    REDIS_URL: urls.redis,
    LOG_LEVEL: options.logLevel,
    NODE_ENV: 'development',
    // Endpoints that are tried out run on this machine.
    WEBHOOKS_ALLOW_PRIVATE: 'true',
  };
  const worker = (
    name: WorkerName,
    priorities: string,
    port: number,
    more: Record<string, string> = {},
  ): NodeChild => ({
    script: 'apps/worker/src/main.ts',
    env: {
      ...shared,
      WORKER_PRIORITIES: priorities,
      PUBLIC_BASE_URL: localUrl(ports.api),
      WORKER_PORT: String(port),
      PROVIDERS_FILE: layout.providers,
      ...more,
    },
    readyUrl: `${localUrl(port)}/healthz`,
    logFile: logFile(layout, name),
  });
  return {
    simulator: {
      script: 'packages/providers/src/simulator/main.ts',
      env: {
        SIMULATOR_PORT: String(ports.simulator),
        SIMULATOR_TLS_PORT: String(ports.simulatorTls),
        SIMULATOR_SMTP_PORT: String(ports.simulatorSmtp),
        SIMULATOR_DATA: layout.simulator,
        SIMULATOR_RECEIPTS_URL: localUrl(ports.api),
      },
      readyUrl: `${localUrl(ports.simulator)}/healthz`,
      logFile: logFile(layout, 'simulator'),
    },
    api: {
      script: 'apps/api/src/main.ts',
      env: { ...shared, API_PORT: String(ports.api) },
      readyUrl: `${localUrl(ports.api)}/readyz`,
      logFile: logFile(layout, 'api'),
    },
    // Alone, so that a one-time password never waits for a processor that a newsletter keeps busy.
    'worker-critical': worker('worker-critical', 'critical', ports.criticalWorker),
    worker: { ...worker('worker', 'normal,bulk', ports.worker), niceness: 5 },
    // A process has one thread: a second one gives a backlog another processor. Only of bulk, because single messages that
    // come together share a statement as long as one process takes them.
    'worker-bulk': {
      ...worker('worker-bulk', 'bulk', ports.bulkWorker, { WORKER_MAINTENANCE: 'false' }),
      niceness: 10,
    },
    dashboard: {
      script: 'apps/dashboard/src/main.ts',
      env: { ...shared, DASHBOARD_PORT: String(ports.dashboard) },
      readyUrl: `${localUrl(ports.dashboard)}/healthz`,
      logFile: logFile(layout, 'dashboard'),
    },
  };
}

export const localUrl = (port: number): string => `http://127.0.0.1:${port}`;

export const logFile = (layout: Layout, name: string): string => path.join(layout.logs, `${name}.log`);
