import { once } from 'node:events';
import type { Server } from 'node:http';
import { LANES } from '@carillon/core/notification/lane';
import { databaseAddress } from '@carillon/core/program/database-settings';
import { endOnUncaught } from '@carillon/core/program/end-on-uncaught';
import { type StartContexts, startFailure } from '@carillon/core/program/explain-failure';
import { createLog } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { suppressedLines } from '@carillon/core/program/repeated-lines';
import { serverLooks } from '@carillon/core/program/server-looks';
import { openDatabase } from '@carillon/db/connection/client';
import { isTransient } from '@carillon/db/connection/sql-state';
import { createWaker } from '@carillon/db/outbox/wake';
import { databaseReadiness } from '@carillon/db/readiness';
import { producerConnection } from '@carillon/queue/connection';
import { openQueue } from '@carillon/queue/lane-queue';
import { watchWrites } from '@carillon/queue/write-watch';
import { createAccept } from '@carillon/services/notifications/accept';
import { sendPasswordLink } from '@carillon/services/staff/link';
import { reportErrors } from '@carillon/telemetry/errors';
import { droppedSpans, startTracing } from '@carillon/telemetry/tracing';
import { serve } from '@hono/node-server';
import { createDashboard } from './app.ts';
import { type DashboardConfig, readConfig } from './config.ts';
import { createMetrics } from './metrics.ts';
import { type Auth, createAuth } from './staff/auth.ts';
import { createLoginThrottle } from './staff/login-throttle.ts';

/** The time after SIGTERM at which open requests are aborted. */
const DRAIN_MS = 10_000;
/** Pages show a quick overview; no user waits for a statement that takes longer. */
const STATEMENT_TIMEOUT_MS = 5_000;
/** A connection that is silent for longer than any statement may take is dropped. */
const SILENCE_MS = 10_000;
const LOOK_EVERY_MS = 2_000;
const LOOK_WITHIN_MS = 1_000;

let contexts: StartContexts = {};
try {
  const config = readConfig();
  contexts = {
    listener: { setting: 'DASHBOARD_PORT', at: `${config.DASHBOARD_HOST}:${config.DASHBOARD_PORT}` },
  };
  await run(config);
} catch (error) {
  process.stderr.write(`${startFailure('The dashboard', error, contexts)}\n`);
  process.exit(1);
}

async function run(config: DashboardConfig): Promise<void> {
  const errors = await reportErrors('dashboard', config, isTransient);
  const log = createLog('dashboard', config.LOG_LEVEL, {
    onError: errors.onError,
    errorTexts: config.LOG_ERROR_TEXT,
  });
  endOnUncaught(log);
  const tracing = await startTracing({ service: 'carillon-dashboard', settings: config, log });
  const where = databaseAddress(config);
  const db = openDatabase({
    ...where,
    name: 'carillon dashboard',
    connections: 4,
    statementTimeoutMs: STATEMENT_TIMEOUT_MS,
    silenceMs: SILENCE_MS,
  });
  // Redis may be unavailable: pages still work, and Bull Board reports it.
  const redis = producerConnection(config.REDIS_URL, 'carillon-dashboard');
  const queues = new Map(LANES.map((lane) => [lane, openQueue(lane, redis, config.NAMESPACE)]));
  const metrics = createMetrics();
  metrics.tracesDropped(droppedSpans);
  metrics.logSuppressed(suppressedLines);
  metrics.connections(db.connections);
  const lookAtServers = serverLooks({
    database: databaseReadiness(db, where, (reason) =>
      log.warn('a pooler works and should be set up differently', { reason }),
    ),
    redis: watchWrites(redis, config.NAMESPACE),
    report: createOutageReport(log),
    onLook: metrics.servers,
  });
  const servers = { look: () => lookAtServers(LOOK_WITHIN_MS) };
  const waker = createWaker(db.sql);
  const accept = createAccept({
    db,
    waker,
    metrics: { accepted: () => {}, entered: metrics.entered, group: () => {} },
    log,
  });
  let auth: Auth | null = null;
  const app = createDashboard({
    config,
    sql: db.sql,
    auth: () => auth!,
    queues,
    servers,
    metrics,
    log,
  });

  const server = serve({
    fetch: app.fetch,
    hostname: config.DASHBOARD_HOST,
    port: config.DASHBOARD_PORT,
    // An upload may take hours, and the API ends a silent one; everything else ends by the deadline of pages.
    serverOptions: { requestTimeout: 0 },
  }) as Server;
  await once(server, 'listening');
  const { address, port } = server.address() as { address: string; port: number };
  const url = `http://${address}:${port}`;
  const baseUrl = (config.DASHBOARD_URL ?? url).replace(/\/$/, '');
  auth = createAuth(
    {
      config,
      orm: db.orm,
      sql: db.sql,
      log,
      throttle: createLoginThrottle(),
      sendLink: (...link) => sendPasswordLink({ db: db.sql, accept, log }, ...link),
      onLogin: metrics.login,
    },
    baseUrl,
  );
  log.info('dashboard listens', { url });
  void servers.look();
  const looking = setInterval(() => void servers.look(), LOOK_EVERY_MS);

  let stopping = false;
  const stop = async (signal: string): Promise<void> => {
    if (stopping) return;
    stopping = true;
    log.info('dashboard stops', { signal });
    setTimeout(() => process.exit(1), DRAIN_MS).unref();
    clearInterval(looking);
    await new Promise((resolve) => server.close(resolve));
    await Promise.allSettled([...queues.values()].map((queue) => queue.close()));
    redis.disconnect();
    await db.close();
    await tracing.stop();
    log.flush();
    await errors.flush();
    // An export that hangs would keep the process alive.
    process.exit(0);
  };
  process.on('SIGTERM', stop);
  process.on('SIGINT', stop);
}
