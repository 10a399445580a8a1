import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import type { Log } from '@carillon/core/log';
import { type Database, openDatabase } from '@carillon/db/client';
import { createWaker } from '@carillon/db/outbox/wake';
import { producerConnection } from '@carillon/queue/connection';
import { createAdaptorServer } from '@hono/node-server';
import { createAccept } from './accept/accept.ts';
import { createApp } from './app.ts';
import type { ApiConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { createDemandBoard } from './middleware/demand-board.ts';
import { createRateLimiter } from './middleware/rate-limit.ts';

/** The accept path gives up at 5 s; a statement that is still running then must not hold its connection longer. */
const STATEMENT_TIMEOUT_MS = 5_000;
const LEVEL_EVERY_MS = 500;
const CLOSE_TIMEOUT_MS = 10_000;

export interface RunningApi {
  url: string;
  /** Not ready first, then (after API_DRAIN_SECONDS) no new connections; resolves when every answer is out. */
  stop(): Promise<void>;
}

/** Where something may be put between the API and PostgreSQL: nothing in the product, a crash point in test/chaos. */
export interface ApiSeams {
  database(database: Database): Database;
}

const NO_SEAMS: ApiSeams = { database: (database) => database };

/** Opens the connections and the port. */
export async function serveApi(config: ApiConfig, log: Log, seams: ApiSeams = NO_SEAMS): Promise<RunningApi> {
  const db = seams.database(
    openDatabase({
      url: config.DATABASE_URL,
      name: 'carillon-api',
      connections: config.API_DATABASE_CONNECTIONS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    }),
  );
  const redis = config.REDIS_URL === undefined ? null : producerConnection(config.REDIS_URL, 'carillon-api');
  const metrics = createMetrics();
  const waker = createWaker(db.sql);
  const limiter = createRateLimiter(
    redis && createDemandBoard(redis, config.NAMESPACE, `${hostname()}:${process.pid}`),
  );
  let draining = false;
  let url = '';

  const app = createApp({
    config,
    db,
    waker,
    accept: createAccept({ db, waker, metrics, log }),
    limiter,
    metrics,
    log,
    redis: {
      state: async () =>
        redis === null ? 'not_configured' : (await redis.ping()) === 'PONG' ? 'ok' : 'down',
    },
    ready: () => !draining,
    baseUrl: () => (config.PUBLIC_BASE_URL ?? url).replace(/\/$/, ''),
  });
  const server = createAdaptorServer({ fetch: app.fetch }) as import('node:http').Server;
  // Longer than load balancers keep theirs (60 s), so that they, not we, close an idle connection.
  server.keepAliveTimeout = 65_000;
  // While draining every answer says that it is the connection's last: a client that keeps connections must not send
  // its next request into one that is about to be closed.
  const inHand = new Set<ServerResponse>();
  server.prependListener('request', (_, response) => {
    if (draining) response.shouldKeepAlive = false;
    inHand.add(response);
    response.once('close', () => inHand.delete(response));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(config.API_PORT, config.API_HOST, resolve);
  });
  const { port } = server.address() as AddressInfo;
  url = `http://${config.API_HOST.includes(':') ? `[${config.API_HOST}]` : config.API_HOST}:${port}`;
  const levelling = setInterval(() => void limiter.level(), LEVEL_EVERY_MS);
  log.info('listening', { url });

  return {
    url,
    stop: async () => {
      draining = true;
      for (const response of inHand) response.shouldKeepAlive = false;
      log.info('draining', { seconds: config.API_DRAIN_SECONDS });
      await pause(config.API_DRAIN_SECONDS * 1000);
      await closeServer(server);
      clearInterval(levelling);
      redis?.disconnect();
      await db.close();
      log.info('stopped');
    },
  };
}

/** Lets every answer out. Keep-alive connections end after their current answer, stuck ones after 10 s. */
async function closeServer(server: import('node:http').Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const last = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(last);
}
