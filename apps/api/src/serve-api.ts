import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { databaseClock } from '@carillon/core/program/database-clock';
import { databaseAddress } from '@carillon/core/program/database-settings';
import type { Log } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { suppressedLines } from '@carillon/core/program/repeated-lines';
import { replicaAddress } from '@carillon/core/program/replica-settings';
import { serverLooks } from '@carillon/core/program/server-looks';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { openSetStatements, type SetStatements } from '@carillon/db/connection/set-statements';
import { createWaker } from '@carillon/db/outbox/wake';
import { databaseReadiness } from '@carillon/db/readiness';
import { openReplica } from '@carillon/db/replica/open-replica';
import { primaryReads } from '@carillon/db/replica/reader';
import { producerConnection, subscriberConnection } from '@carillon/queue/connection';
import { inboxPublisher, inboxSubscriber } from '@carillon/queue/inbox-signals';
import { createLaneReader } from '@carillon/queue/read-lanes';
import { watchWrites } from '@carillon/queue/write-watch';
import { createAccept } from '@carillon/services/notifications/accept';
import { droppedSpans } from '@carillon/telemetry/tracing';
import { createApp } from './app.ts';
import { nameApps } from './app-names.ts';
import { createCampaignBoard } from './campaigns/board.ts';
import { createCampaignStreams } from './campaigns/streams.ts';
import type { ApiConfig } from './config.ts';
import { createHttpServer } from './http-server.ts';
import { createImports } from './imports/imports.ts';
import { createInboxStreams } from './inbox/streams.ts';
import { createMetrics } from './metrics.ts';
import { createDemandBoard } from './middleware/demand-board.ts';
import { createRateLimiter } from './middleware/rate-limiter.ts';
import { createRequestLog, keepFlushing } from './request-log/request-log.ts';
import { vocabularyOf } from './request-log/vocabulary.ts';
import { createTemplateWork } from './template-work.ts';

/** The accept path times out at 5 s; a statement that is still running then must not hold its connection longer. */
const STATEMENT_TIMEOUT_MS = 5_000;
/**
 * Longer than any statement: a connection that is silent for this long is dropped, and the next request gets a new one.
 */
const SILENCE_MS = 10_000;
const LEVEL_EVERY_MS = 500;
const LOOK_EVERY_MS = 2_000;
const LOOK_WITHIN_MS = 1_000;
const CLOSE_TIMEOUT_MS = 10_000;

export interface RunningApi {
  url: string;
  /** Not ready first, then (after API_DRAIN_SECONDS) no new connections; resolves when every answer is sent. */
  stop(): Promise<void>;
}

/** Wraps the API's access to PostgreSQL: nothing in production, a crash point in test/chaos. */
export interface ApiSeams {
  database(database: Database): Database;
  sets(sets: SetStatements): SetStatements;
}

const NO_SEAMS: ApiSeams = { database: (database) => database, sets: (sets) => sets };

/** Opens the connections and the port. */
export async function serveApi(config: ApiConfig, log: Log, seams: ApiSeams = NO_SEAMS): Promise<RunningApi> {
  const address = databaseAddress(config);
  const db = seams.database(
    openDatabase({
      ...address,
      name: 'carillon-api',
      connections: config.API_DATABASE_CONNECTIONS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      silenceMs: SILENCE_MS,
    }),
  );
  const sets = seams.sets(openSetStatements({ ...address, name: 'carillon-api' }));
  const redis = config.REDIS_URL === undefined ? null : producerConnection(config.REDIS_URL, 'carillon-api');
  const metrics = createMetrics();
  metrics.tracesDropped(droppedSpans);
  metrics.logSuppressed(suppressedLines);
  metrics.connections(() => {
    const [hot, set] = [db.connections(), sets.connections()];
    return { inUse: hot.inUse + set.inUse, max: hot.max + set.max };
  });
  const report = createOutageReport(log);
  const primary = { sql: db.sql, sets: sets.sql };
  const ofReplica = replicaAddress(config);
  const replica =
    ofReplica &&
    openReplica({
      ...ofReplica,
      name: 'carillon-api',
      connections: config.API_DATABASE_CONNECTIONS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      silenceMs: SILENCE_MS,
      primary,
      report,
      onRead: metrics.replicaRead,
    });
  if (replica) metrics.replica(replica);
  const lookAtServers = serverLooks({
    database: databaseReadiness(db, address, (reason) =>
      log.warn('a pooler works and should be set up differently', { reason }),
    ),
    redis: redis && watchWrites(redis, config.NAMESPACE),
    replica,
    report,
    onLook: metrics.servers,
  });
  const servers = { look: () => lookAtServers(LOOK_WITHIN_MS) };
  const lanes = redis && createLaneReader(redis, config.NAMESPACE);
  const waker = createWaker(db.sql);
  const limiter = createRateLimiter(
    redis && createDemandBoard(redis, config.NAMESPACE, `${hostname()}:${process.pid}`),
  );
  const templates = createTemplateWork();
  const requestLog = createRequestLog(db.sql, log);
  const campaigns = createCampaignBoard(db.sql);
  const campaignStreams = createCampaignStreams(db.sql, campaigns);
  const inboxStreams = createInboxStreams(db.sql, subscribeTo(config));
  const imports = createImports({ db: sets.sql, log });
  metrics.inboxStreams(() => inboxStreams.count());
  let draining = false;
  let url = '';

  const baseUrl = () => (config.PUBLIC_BASE_URL ?? url).replace(/\/$/, '');
  const app = createApp({
    config,
    db,
    sets,
    reads: replica ?? primaryReads(primary),
    clock: databaseClock(),
    waker,
    accept: createAccept({ db, waker, metrics, log }),
    limiter,
    templates,
    metrics,
    requestLog,
    log,
    servers,
    lanes,
    campaigns,
    campaignStreams,
    inboxStreams,
    imports,
    inboxChanged: redis ? inboxPublisher(redis, config.NAMESPACE) : () => {},
    ready: () => !draining,
    baseUrl,
  });
  vocabularyOf(app);
  const server = createHttpServer(app.fetch, baseUrl);
  // Longer than the idle timeout of load balancers (60 s), so that the load balancer closes an idle connection first.
  server.keepAliveTimeout = 65_000;
  // While draining every answer closes its connection: a client must not send its next request on a connection that is
  // about to be closed.
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
  // Logs why a server is unavailable before the first request fails.
  void servers.look();
  const looking = setInterval(() => void servers.look(), LOOK_EVERY_MS);
  const stopNaming = nameApps(db.sql, metrics);
  const stopFlushing = keepFlushing(requestLog);
  log.info('listening', { url });

  return {
    url,
    stop: async () => {
      draining = true;
      for (const response of inHand) response.shouldKeepAlive = false;
      log.info('draining', { seconds: config.API_DRAIN_SECONDS });
      await pause(config.API_DRAIN_SECONDS * 1000);
      inboxStreams.close();
      await imports.close();
      campaignStreams.close();
      await closeServer(server);
      clearInterval(levelling);
      clearInterval(looking);
      stopNaming();
      await stopFlushing();
      await templates.close();
      await lanes?.close();
      redis?.disconnect();
      await replica?.close();
      await sets.close();
      await db.close();
      log.info('stopped');
    },
  };
}

/** Signals of changed inboxes; null without Redis. */
function subscribeTo({ REDIS_URL: url, NAMESPACE: namespace }: ApiConfig) {
  if (url === undefined) return null;
  return (onSignal: (key: string) => void) =>
    inboxSubscriber(subscriberConnection(url, 'carillon-api-inbox'), namespace, onSignal);
}

/** Waits until every answer is sent. Keep-alive connections end after their current answer, stuck ones after 10 s. */
async function closeServer(server: import('node:http').Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  const idle = setInterval(() => server.closeIdleConnections(), 50);
  const last = setTimeout(() => server.closeAllConnections(), CLOSE_TIMEOUT_MS);
  await closed;
  clearInterval(idle);
  clearTimeout(last);
}
