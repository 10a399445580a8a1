import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { performance } from 'node:perf_hooks';
import { mayReadMetrics } from '@carillon/core/access/metrics-token';
import type { Lane } from '@carillon/core/notification/lane';
import type { Registry } from 'prom-client';
import { STARTING, type WorkerReadiness } from './readiness.ts';
import type { Service } from './service.ts';

export interface HealthOptions {
  host: string;
  port: number;
  /** Who may read the metrics. */
  access: Parameters<typeof mayReadMetrics>[0];
}

/** Where a worker with this configuration serves its health. */
export function healthOptions(
  config: Parameters<typeof mayReadMetrics>[0] & { WORKER_HOST: string; WORKER_PORT: number },
): HealthOptions {
  return { host: config.WORKER_HOST, port: config.WORKER_PORT, access: config };
}

/** What is served once the worker runs. */
export interface RunningWorker {
  registry: Registry;
  /** Lanes that have stopped moving; any of them makes the process unhealthy. */
  hungLanes(): Lane[];
  /** Redis answers and refuses writes (maintenance/redis-writes.ts): no lane moves. */
  refusesWrites(): boolean;
}

export interface Health extends Service {
  url: string;
  /** What GET /readyz answers from now on; before, it is `starting`. */
  readyBy(look: () => Promise<WorkerReadiness>): void;
  /** From now on health and metrics are those of a worker that runs. */
  serve(worker: RunningWorker): void;
}

/**
 * GET /healthz (200, or 503 with the hung lanes or while Redis refuses writes), GET /readyz (200, or 503 while it
 * cannot send: restarting this process would not help) and GET /metrics, with a token if there is one. It listens
 * before the worker connects to anything; until `serve` is called the process is healthy, and has no metrics.
 *
 * @throws if the port is not available.
 */
export async function startHealth(options: HealthOptions): Promise<Health> {
  let running: RunningWorker | null = null;
  let look = async (): Promise<WorkerReadiness> => STARTING;
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      const hung = running?.hungLanes() ?? [];
      const status = hung.length > 0 ? 'hung' : running?.refusesWrites() ? 'redis_read_only' : 'ok';
      response.writeHead(status === 'ok' ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status, hung_lanes: hung, event_loop: eventLoop() }));
    } else if (request.url === '/readyz') {
      look().then(
        (readiness) => {
          const status = readiness.status === 'ready' ? 200 : 503;
          response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(readiness));
        },
        () => response.writeHead(500).end(),
      );
    } else if (request.url === '/metrics' && !mayReadMetrics(options.access, request.headers.authorization)) {
      response.writeHead(401, { 'www-authenticate': 'Bearer realm="metrics"' });
      response.end('Metrics need "Authorization: Bearer <METRICS_TOKEN>".\n');
    } else if (request.url === '/metrics' && running) {
      const { registry } = running;
      registry
        .metrics()
        .then((text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text))
        .catch(() => response.writeHead(500).end());
    } else {
      response.writeHead(404).end();
    }
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port, options.host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  return {
    name: 'health',
    url: `http://${options.host.includes(':') ? `[${options.host}]` : options.host}:${port}`,
    readyBy: (other) => {
      look = other;
    },
    serve: (worker) => {
      running = worker;
    },
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

/**
 * How long the event loop of this process has worked and waited since its start, in milliseconds. The difference of two
 * answers shows how busy it was between them, also where other processes took the processor from it.
 * https://nodejs.org/api/perf_hooks.html#performanceeventlooputilizationutilization1-utilization2
 */
function eventLoop(): { active_ms: number; idle_ms: number } {
  const { active, idle } = performance.eventLoopUtilization();
  return { active_ms: Math.round(active), idle_ms: Math.round(idle) };
}
