import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Lane } from '@carillon/core/lane';
import type { Registry } from 'prom-client';
import type { Service } from './service.ts';

export interface HealthOptions {
  host: string;
  port: number;
  registry: Registry;
  /** Brings gauges up to date before they are read. */
  refresh(): Promise<void>;
  /** Lanes that have stopped moving; any makes the process unhealthy. */
  hungLanes(): Lane[];
}

/** GET /healthz (200 or 503 with the hung lanes) and GET /metrics. */
export async function startHealth(options: HealthOptions): Promise<Service & { url: string }> {
  const server = createServer((request, response) => {
    if (request.url === '/healthz') {
      const hung = options.hungLanes();
      response.writeHead(hung.length === 0 ? 200 : 503, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ status: hung.length === 0 ? 'ok' : 'hung', hung_lanes: hung }));
    } else if (request.url === '/metrics') {
      options
        .refresh()
        .catch(() => {})
        .then(() => options.registry.metrics())
        .then((text) => response.writeHead(200, { 'content-type': options.registry.contentType }).end(text))
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
    url: `http://${options.host}:${port}`,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
