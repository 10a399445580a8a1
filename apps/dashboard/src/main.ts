import { ConfigError } from '@carillon/core/config';
import { LANES } from '@carillon/core/lane';
import { openDatabase } from '@carillon/db/client';
import { createWaker } from '@carillon/db/outbox/wake';
import { producerConnection } from '@carillon/queue/connection';
import { openQueue } from '@carillon/queue/lane-queue';
import { type ServerType, serve } from '@hono/node-server';
import { createDashboard } from './app.ts';
import { type DashboardConfig, readConfig } from './config.ts';

/** After this long on SIGTERM open requests are cut off: a page is never worth more. */
const DRAIN_MS = 10_000;
/** Pages ask for a moment's overview; a statement that takes longer is one nobody waits for. */
const STATEMENT_TIMEOUT_MS = 5_000;

function log(message: string, fields: Record<string, unknown> = {}): void {
  const line = { at: new Date().toISOString(), service: 'dashboard', message, ...fields };
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

function configOrExit(): DashboardConfig {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    console.error(error.message);
    process.exit(2);
  }
}

const config = configOrExit();
const db = openDatabase({
  url: config.DATABASE_URL,
  name: 'carillon dashboard',
  connections: 4,
  statementTimeoutMs: STATEMENT_TIMEOUT_MS,
});
// Redis may be away: pages still work, and Bull Board says so itself.
const redis = producerConnection(config.REDIS_URL, 'carillon-dashboard');
const queues = new Map(LANES.map((lane) => [lane, openQueue(lane, redis, config.NAMESPACE)]));
const app = createDashboard({ config, sql: db.sql, waker: createWaker(db.sql), queues, log });

const server: ServerType = serve(
  { fetch: app.fetch, hostname: config.DASHBOARD_HOST, port: config.DASHBOARD_PORT },
  ({ address, port }) => log('dashboard listens', { url: `http://${address}:${port}` }),
);
server.on('error', (error) => {
  log('dashboard cannot listen', {
    host: config.DASHBOARD_HOST,
    port: config.DASHBOARD_PORT,
    error: error.message,
  });
  process.exit(1);
});

let stopping = false;
async function stop(signal: string): Promise<void> {
  if (stopping) return;
  stopping = true;
  log('dashboard stops', { signal });
  setTimeout(() => process.exit(1), DRAIN_MS).unref();
  await new Promise((resolve) => server.close(resolve));
  await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
  redis.disconnect();
  await db.close();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);
