import path from 'node:path';
import type { Layout } from './layout.ts';
import type { NodeChild } from './node-child.ts';
import type { StartOptions } from './options.ts';
import type { PortPlan } from './port-plan.ts';
import type { WorkerLayout } from './worker-layout.ts';

export interface Urls {
  database: string;
  redis: string;
}

export const WORKERS = ['worker-critical', 'worker', 'worker-bulk'] as const;

/** The worker processes of each layout, in start order. */
export const WORKERS_OF = { single: ['worker-all'], separate: WORKERS } as const satisfies Record<
  WorkerLayout,
  readonly string[]
>;
export type WorkerName = (typeof WORKERS_OF)[WorkerLayout][number];

/** The programs of this repository in start order. Names are shown to the user and used for log files. */
export type ProgramName = 'simulator' | 'traces' | 'api' | WorkerName | 'dashboard';

/** The settings of each program: all by environment, as in production. */
export function programs(
  options: StartOptions,
  layout: Layout,
  ports: PortPlan,
  urls: Urls,
  apiKey?: string,
): Record<ProgramName, NodeChild> {
  const shared = {
    DATABASE_URL: urls.database,
    REDIS_URL: urls.redis,
    LOG_LEVEL: options.logLevel,
    LOG_ERROR_TEXT: options.errorTexts,
    NODE_ENV: options.nodeEnv,
    // Webhook endpoints under test run on this machine.
    WEBHOOKS_ALLOW_PRIVATE: 'true',
    ...options.traces,
    ...(options.observe ? exportTo(ports.traces) : {}),
  };
  const worker = (name: WorkerName, roles: string, port: number): NodeChild => ({
    script: 'apps/worker/src/main.ts',
    env: {
      ...shared,
      WORKER_ROLES: roles,
      ...(options.leaseSeconds === null ? {} : { WORKER_LEASE_SECONDS: options.leaseSeconds }),
      PUBLIC_BASE_URL: localUrl(ports.api),
      WORKER_PORT: String(port),
      PROVIDERS_FILE: layout.providers,
    },
    readyUrl: `${localUrl(port)}/readyz`,
    logFile: logFile(layout, name),
  });
  return {
    simulator: {
      script: 'apps/simulator/src/main.ts',
      env: {
        SIMULATOR_PORT: String(ports.simulator),
        SIMULATOR_TLS_PORT: String(ports.simulatorTls),
        SIMULATOR_SMTP_PORT: String(ports.simulatorSmtp),
        SIMULATOR_DATA: layout.simulator,
        SIMULATOR_RECEIPTS_URL: localUrl(ports.api),
        ...(apiKey ? { SIMULATOR_API_KEY: apiKey } : {}),
      },
      readyUrl: `${localUrl(ports.simulator)}/healthz`,
      logFile: logFile(layout, 'simulator'),
    },
    traces: {
      script: 'apps/local/src/observe/main.ts',
      env: { TRACES_PORT: String(ports.traces) },
      readyUrl: `${localUrl(ports.traces)}/healthz`,
      logFile: logFile(layout, 'traces'),
    },
    api: {
      script: 'apps/api/src/main.ts',
      env: {
        ...shared,
        API_PORT: String(ports.api),
        DASHBOARD_URL: localUrl(ports.dashboard),
      },
      readyUrl: `${localUrl(ports.api)}/readyz`,
      logFile: logFile(layout, 'api'),
    },
    'worker-all': worker('worker-all', 'deliver,relay,events,maintenance,campaigns', ports.allWorker),
    // A separate process, so that a one-time password never waits for CPU time that a newsletter uses.
    'worker-critical': worker(
      'worker-critical',
      'deliver:critical,relay:critical,maintenance',
      ports.criticalWorker,
    ),
    worker: {
      ...worker(
        'worker',
        'deliver:normal,deliver:bulk,relay:normal,relay:bulk,events,maintenance,campaigns',
        ports.worker,
      ),
      niceness: 5,
    },
    // A process has one thread: a second process lets a backlog use another processor. Only for bulk, because
    // concurrent single messages share a statement only within one process.
    'worker-bulk': {
      ...worker('worker-bulk', 'deliver:bulk,relay:bulk', ports.bulkWorker),
      niceness: 10,
    },
    dashboard: {
      script: 'apps/dashboard/server/main.ts',
      env: {
        ...shared,
        DASHBOARD_PORT: String(ports.dashboard),
        DASHBOARD_URL: localUrl(ports.dashboard),
        API_URL: localUrl(ports.api),
      },
      readyUrl: `${localUrl(ports.dashboard)}/readyz`,
      logFile: logFile(layout, 'dashboard'),
    },
  };
}

/** Settings that bring every trace to the viewer, and soon: a person looks at the page right after a request. */
const exportTo = (port: number) => ({
  OTEL_EXPORTER_OTLP_ENDPOINT: localUrl(port),
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
  OTEL_BSP_SCHEDULE_DELAY: '500',
});

export const localUrl = (port: number): string => `http://127.0.0.1:${port}`;

export const logFile = (layout: Layout, name: string): string => path.join(layout.logs, `${name}.log`);
