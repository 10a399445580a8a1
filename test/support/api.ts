import type { KeyScope } from '@carillon/core/access/access';
import { createApiKey } from '@carillon/core/access/api-key';
import { makeRecipientToken, RECIPIENT_SCOPES } from '@carillon/core/access/recipient-token';
import type { Environment } from '@carillon/core/notification/environment';
import { databaseClock } from '@carillon/core/program/database-clock';
import { createLog } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { serverLooks } from '@carillon/core/program/server-looks';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { openSetStatements } from '@carillon/db/connection/set-statements';
import { createWaker } from '@carillon/db/outbox/wake';
import { databaseReadiness } from '@carillon/db/readiness';
import { openReplica, type ReadOutcome, type Replica } from '@carillon/db/replica/open-replica';
import { primaryReads } from '@carillon/db/replica/reader';
import { producerConnection, subscriberConnection } from '@carillon/queue/connection';
import { inboxPublisher, inboxSubscriber } from '@carillon/queue/inbox-signals';
import type { LaneReader } from '@carillon/queue/read-lanes';
import { createAccept } from '@carillon/services/notifications/accept';
import { createApp } from '../../apps/api/src/app.ts';
import { createCampaignBoard } from '../../apps/api/src/campaigns/board.ts';
import { createCampaignStreams } from '../../apps/api/src/campaigns/streams.ts';
import { configSchema } from '../../apps/api/src/config.ts';
import type { Api } from '../../apps/api/src/deps.ts';
import { createImports } from '../../apps/api/src/imports/imports.ts';
import { createInboxStreams } from '../../apps/api/src/inbox/streams.ts';
import { createMetrics } from '../../apps/api/src/metrics.ts';
import { createRateLimiter, type DemandBoard } from '../../apps/api/src/middleware/rate-limiter.ts';
import { createRequestLog, type RequestLog } from '../../apps/api/src/request-log/request-log.ts';
import { createTemplateWork } from '../../apps/api/src/template-work.ts';
import type { TestRedis } from './redis.ts';

export interface KeyOptions {
  appId?: string;
  environment?: Environment;
  scopes?: readonly KeyScope[];
  ratePerSecond?: number;
  expiresAt?: Date;
  revokedAt?: Date;
}

export interface Answer {
  status: number;
  headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape
  body: any;
}

export interface ApiUnderTest {
  app: Api;
  db: Database;
  /** The app that keys belong to unless they say otherwise. */
  appId: string;
  /** Makes a key (by default: this app, live, admin) and returns its text. */
  key(options?: KeyOptions): Promise<string>;
  /** A token that opens everything of this recipient (by default: of this app, live), who is added if need be. */
  recipientToken(recipientId: string, environment?: Environment): Promise<string>;
  /** A request with a default admin key; `key: null` sends none. A body of text or bytes goes out as it is. */
  request(method: string, path: string, body?: unknown, options?: RequestOptions): Promise<Answer>;
  /** Logged lines that are warnings or worse. */
  logged: string[];
  /** With `replicaUrl`. */
  replica: Replica | null;
  /** Where reads were answered that a replica may answer. */
  reads: ReadOutcome[];
  /** Stored when a test flushes it. */
  requestLog: RequestLog;
  close(): Promise<void>;
}

export interface RequestOptions {
  key?: string | null;
  headers?: Record<string, string>;
}

/** The whole API without a port, on a database of its own: everything real but the socket. */
export async function apiUnderTest(
  databaseUrl: string,
  {
    env = {},
    board = null,
    deadlineMs,
    requestDeadlineMs,
    uploadSilenceMs,
    seedUrl = databaseUrl,
    silenceMs,
    replicaUrl,
    replicaMaxLagMs = 10_000,
    lanes = null,
    redis = null,
  }: {
    env?: Record<string, string>;
    board?: DemandBoard | null;
    lanes?: Pick<LaneReader, 'read'> | null;
    /** For the signals of inboxes; without it, streams look once a second. */
    redis?: TestRedis | null;
    /** Of storing, in milliseconds. */
    deadlineMs?: number;
    /** Of a whole request, in milliseconds. */
    requestDeadlineMs?: number;
    /** Of an upload without a byte, in milliseconds. */
    uploadSilenceMs?: number;
    seedUrl?: string;
    silenceMs?: number;
    /** As DATABASE_REPLICA_URL. */
    replicaUrl?: string;
    replicaMaxLagMs?: number;
  } = {},
): Promise<ApiUnderTest> {
  const config = configSchema.parse({ DATABASE_URL: databaseUrl, NODE_ENV: 'test', ...env });
  const db = openDatabase({
    url: databaseUrl,
    name: 'api-under-test',
    connections: 4,
    ...(silenceMs === undefined ? {} : { silenceMs }),
  });
  const sets = openSetStatements({ url: databaseUrl, name: 'api-under-test' });
  const seed = seedUrl === databaseUrl ? db : openDatabase({ url: seedUrl, name: 'seed', connections: 1 });
  const logged: string[] = [];
  const log = createLog('api', 'warn', { write: (line) => logged.push(line) });
  const metrics = createMetrics();
  const waker = createWaker(db.sql);
  const templates = createTemplateWork();
  const report = createOutageReport(log);
  const primary = { sql: db.sql, sets: sets.sql };
  const reads: ReadOutcome[] = [];
  const replica =
    replicaUrl === undefined
      ? null
      : openReplica({
          url: replicaUrl,
          name: 'api-under-test',
          connections: 4,
          statementTimeoutMs: 5_000,
          silenceMs: 10_000,
          primary,
          maxLagMs: replicaMaxLagMs,
          report,
          onRead: (outcome) => {
            reads.push(outcome);
            metrics.replicaRead(outcome);
          },
        });
  if (replica) metrics.replica(replica);
  const lookAtServers = serverLooks({
    database: databaseReadiness(db, { url: databaseUrl, pooler: null }),
    redis: null,
    replica,
    report,
  });
  const inboxStreams = createInboxStreams(
    db.sql,
    redis &&
      ((onSignal) =>
        inboxSubscriber(subscriberConnection(redis.url, 'api-under-test'), redis.namespace, onSignal)),
  );
  const imports = createImports({ db: sets.sql, log });
  const campaigns = createCampaignBoard(db.sql);
  const campaignStreams = createCampaignStreams(db.sql, campaigns);
  const publisher = redis && producerConnection(redis.url, 'api-under-test');
  const requestLog = createRequestLog(db.sql, log);
  const app = createApp({
    config,
    db,
    sets,
    reads: replica ?? primaryReads(primary),
    requestLog,
    clock: databaseClock(),
    waker,
    accept: createAccept({
      db,
      waker,
      metrics,
      log,
      ...(deadlineMs === undefined ? {} : { deadlineMs }),
    }),
    limiter: createRateLimiter(board),
    templates,
    metrics,
    log,
    servers: { look: () => lookAtServers(1_000) },
    lanes,
    campaigns,
    campaignStreams,
    inboxStreams,
    imports,
    uploadSilenceMs,
    inboxChanged: publisher && redis ? inboxPublisher(publisher, redis.namespace) : () => {},
    ready: () => true,
    deadlineMs: requestDeadlineMs,
    baseUrl: () => config.PUBLIC_BASE_URL ?? 'http://api.test',
  });
  const [row] = await seed.sql<[{ id: string }]>`insert into apps (name) values ('under test') returning id`;
  const appId = row.id;

  const key = async (options: KeyOptions = {}): Promise<string> => {
    const made = createApiKey(options.environment ?? 'live');
    await seed.sql`
      insert into api_keys (id, app_id, environment, name, secret_hash, scopes, rate_per_second, expires_at, revoked_at)
      values (${made.keyId}, ${options.appId ?? appId}, ${made.environment}, 'test', ${made.secretHash},
        ${[...(options.scopes ?? ['admin'])]}, ${options.ratePerSecond ?? null}, ${options.expiresAt ?? null},
        ${options.revokedAt ?? null})`;
    return made.text;
  };
  const defaultKey = await key();

  const recipientToken = async (recipientId: string, environment: Environment = 'live'): Promise<string> => {
    await seed.sql`
      insert into recipients (app_id, environment, id) values (${appId}, ${environment}, ${recipientId})
      on conflict do nothing`;
    const owner = { appId, environment, recipientId };
    const [{ now }] = await seed.sql<[{ now: Date }]>`select now() as now`;
    const madeAt = now.getTime();
    return makeRecipientToken(config.ENCRYPTION_KEYS, {
      owner,
      scopes: RECIPIENT_SCOPES,
      madeAt,
      until: madeAt + 3600_000,
    });
  };

  return {
    app,
    db,
    appId,
    key,
    recipientToken,
    logged,
    replica,
    reads,
    requestLog,
    request: async (method, path, body, options = {}) => {
      const bearer = options.key === undefined ? defaultKey : options.key;
      const response = await app.request(path, {
        method,
        headers: {
          ...(bearer === null ? {} : { authorization: `Bearer ${bearer}` }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
          ...options.headers,
        },
        ...(body === undefined
          ? {}
          : { body: typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body) }),
      });
      const text = await response.text();
      const isJson = /[/+]json/.test(response.headers.get('content-type') ?? '');
      return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
    },
    close: async () => {
      inboxStreams.close();
      await imports.close();
      campaignStreams.close();
      publisher?.disconnect();
      await templates.close();
      await replica?.close();
      if (seed !== db) await seed.close();
      await sets.close();
      await db.close();
    },
  };
}
