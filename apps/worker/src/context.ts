import { setTimeout as pause } from 'node:timers/promises';
import type { InboxOwner } from '@carillon/core/inbox/message';
import { type Lane, lanesOf } from '@carillon/core/notification/lane';
import { databaseClock } from '@carillon/core/program/database-clock';
import { databaseAddress } from '@carillon/core/program/database-settings';
import type { Log } from '@carillon/core/program/log';
import { createOutageReport } from '@carillon/core/program/outage-report';
import { suppressedLines } from '@carillon/core/program/repeated-lines';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import { serverLooks } from '@carillon/core/program/server-looks';
import { workerName } from '@carillon/core/program/worker-name';
import { createRenderer } from '@carillon/core/template/render/budgeted-render';
import { createRenderPool } from '@carillon/core/template/render/render-pool';
import { renewLeases } from '@carillon/db/attempts/leases';
import { type Database, openDatabase } from '@carillon/db/connection/client';
import { openSetStatements, type SetStatements } from '@carillon/db/connection/set-statements';
import { createWaker, type Waker } from '@carillon/db/outbox/wake';
import { databaseReadiness } from '@carillon/db/readiness';
import { createLimiter } from '@carillon/limiter/limiter';
import type { AccountSettings } from '@carillon/providers/accounts/account-settings';
import type { RegisteredAccount } from '@carillon/providers/accounts/registry';
import { producerConnection, type RedisClient, workerConnection } from '@carillon/queue/connection';
import { inboxPublisher } from '@carillon/queue/inbox-signals';
import { createLeaderLease, type LeaderLease } from '@carillon/queue/leader-lease';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { refuseUnfitRedis } from '@carillon/queue/redis-servers';
import { watchWrites } from '@carillon/queue/write-watch';
import { droppedSpans } from '@carillon/telemetry/tracing';
import type { Breakers } from './breaker/breakers.ts';
import { workerBreakers } from './breaker/worker-breakers.ts';
import { createComplaints } from './complaints.ts';
import type { WorkerConfig } from './config.ts';
import { openCurrentAccounts } from './current-accounts.ts';
import { currentSettings } from './current-settings.ts';
import { type CategoryBook, categoryBook, warnOfMissingLinks } from './deliver/category-settings.ts';
import { AccountLimits } from './deliver/concurrency-limits.ts';
import type { DeliveryParts } from './deliver/context.ts';
import { inboxStore } from './deliver/inbox-store.ts';
import { createLeases, type Leases, leaseTable } from './deliver/leases.ts';
import { guardedGet } from './events/guarded-get.ts';
import type { Health } from './health.ts';
import { type Canary, canary } from './maintenance/canary.ts';
import { database } from './maintenance/database.ts';
import { redisWrites } from './maintenance/redis-writes.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { type ReadinessWatch, watchReadiness } from './readiness.ts';
import { openRestoreWatch, type RestoreWatch } from './restore-watch.ts';
import { deliveredBy } from './roles.ts';
import type { WorkerSeams } from './seams.ts';
import type { Duty, DutyHooks } from './service.ts';

/** What the services of one worker process share: connections, accounts, breakers, leases, logs and metrics. */
export interface WorkerContext {
  config: WorkerConfig;
  log: Log;
  seams: WorkerSeams;
  /** Of the roles of this process. */
  lanes: readonly Lane[];
  db: Database;
  /** For statements over many recipients; opens no connection before the first. */
  sets: SetStatements;
  workerRedis: RedisClient;
  producerRedis: RedisClient;
  producer: Producer;
  /** Live (current-accounts.ts). */
  accounts: readonly RegisteredAccount[];
  breakers: Breakers;
  /** Probes open breakers. */
  probing: Duty;
  metrics: Metrics;
  leases: Leases;
  categories: CategoryBook;
  /** What lanes and the resolver deliver with; each adds its own error reporting and record grouping. */
  delivery: Omit<DeliveryParts, 'gatherMs' | 'onError'>;
  leaderLease: LeaderLease;
  restoreWatch: RestoreWatch;
  canary: Canary;
  readiness: ReadinessWatch;
  wake: Waker['wake'];
  /** Signals to the API's streams that an inbox changed. */
  inboxChanged(owner: InboxOwner): void;
  /** Aborted when the process stops. */
  stopping: AbortController;
  hooks: DutyHooks;
  /** Logs failures of one kind of work, with a count instead of a flood. */
  onError(what: string): (error: unknown, notificationId?: string) => void;
  refusesWrites(): boolean;
  /** Duties that every worker has, whatever its roles. */
  duties: readonly Duty[];
  /** Closes everything that is opened here. */
  close(): Promise<void>;
}

/** A lease of a critical message must outlast a statement that hangs on a dead connection. */
const STATEMENT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 12_000;
/**
 * A row locked by another transaction must not hold up those it shares a statement with
 * (db/connection/group-statements.ts).
 */
const LOCK_TIMEOUT_MS = 500;
/** Bytes of decoded files, over all lanes. While a message is composed from them it takes about five times as much. */
const FILE_MEMORY_BYTES = 48 * 1024 * 1024;
/** After a longer wait for memory the delivery gives its slot back. */
const MEMORY_WAIT_MS = 5_000;
/** How long `/readyz` waits for PostgreSQL. */
const READY_WITHIN_MS = 1000;
const LOOK_EVERY_MS = 500;
const LOOK_WITHIN_MS = 2500;

/**
 * Opens everything; waits, with a line in the log, until PostgreSQL has the migrations of this release and Redis takes
 * writes.
 *
 * @param fromFile the accounts of PROVIDERS_FILE; null uses those in PostgreSQL.
 */
export async function openContext(
  config: WorkerConfig,
  fromFile: readonly AccountSettings[] | null,
  log: Log,
  seams: WorkerSeams,
  health: Health,
): Promise<WorkerContext> {
  const { NAMESPACE: namespace, ENCRYPTION_KEYS: ring } = config;
  const priorities = deliveredBy(config.WORKER_ROLES);
  const name = workerName(priorities, config.WORKER_ROLES.includes('campaigns'));
  const outages = createOutageReport(log);
  const metrics = createMetrics();
  metrics.tracesDropped(droppedSpans);
  metrics.logSuppressed(suppressedLines);
  const address = databaseAddress(config);
  const db = seams.database(
    openDatabase({
      ...address,
      name,
      connections: config.WORKER_DATABASE_CONNECTIONS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      silenceMs: SILENCE_MS,
      lockTimeoutMs: LOCK_TIMEOUT_MS,
    }),
  );
  metrics.connections(db.connections);
  const sets = seams.sets(openSetStatements({ ...address, name }));
  const workerRedis = workerConnection(config.REDIS_URL, name);
  const producerRedis = seams.redis(producerConnection(config.REDIS_URL, name));
  const redisWatch = watchWrites(producerRedis, namespace);
  const servers = serverLooks({
    database: databaseReadiness(db, address, (reason) =>
      log.warn('a pooler works and should be set up differently', { reason }),
    ),
    redis: redisWatch,
    report: outages,
    onLook: metrics.servers,
  });
  const readiness = watchReadiness({ servers, log });
  health.readyBy(() => readiness.look(READY_WITHIN_MS));
  await untilServersCanBeUsed(readiness);
  await refuseUnfitRedis(workerRedis);
  const restoreWatch = await openRestoreWatch(db.sql, log, metrics.restoreUnderReview);

  const producer = seams.producer(createProducer(producerRedis, namespace));
  const limiter = createLimiter({ redisUrl: config.REDIS_URL, namespace });
  const clock = databaseClock();
  const inboxChanged = inboxPublisher(producerRedis, namespace);
  const book = await openCurrentAccounts({
    sql: db.sql,
    ring,
    deps: {
      storeInboxMessage: inboxStore(db.sql, inboxChanged, metrics.delivery.groupsOf('inbox')),
      now: () => clock.now(),
    },
    fromFile,
    onUnusable: (account, error) =>
      log.error('a provider account cannot be used and is left out', { account, error }),
  });
  const { accounts } = book;
  const complain = createComplaints(log, outages);
  const onError = (what: string) => (error: unknown, notification_id?: string) =>
    complain({ work: what, notification_id }, error);
  const hooks: DutyHooks = {
    onError: (duty, error) => {
      metrics.dutyFailed(duty);
      complain({ work: duty }, error);
    },
    onRun: (duty, count) => {
      metrics.duty(duty, count);
      if (count > 0 && duty !== 'canary') log.info('maintenance acted', { work: duty, rows: count });
    },
  };
  const leases = createLeases({
    ms: leaseTable(config.WORKER_LEASE_SECONDS),
    renewLeases: (renewals) => renewLeases(db.sql, renewals),
    onError: onError('renewing leases'),
  });
  const stopping = new AbortController();
  const categories = categoryBook(db.sql, hooks);
  const settings = currentSettings(db.sql, [categories.refresh, book.duty.runOnce]);
  const files = guardedGet({ allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE });
  const { PUBLIC_BASE_URL: baseUrl } = config;
  if (baseUrl === undefined) void warnOfMissingLinks(categories, log);
  const pool = createRenderPool();
  stopping.signal.addEventListener('abort', () => void pool.close(), { once: true });
  const { breakers, probing } = await workerBreakers({
    sql: db.sql,
    redis: producerRedis,
    namespace,
    accounts,
    metrics,
    log,
  });
  const writes = redisWrites(redisWatch);
  const lanes = lanesOf(priorities);
  const watch = canary({ producer, lanes, refusesWrites: writes.refused, rests: breakers.holdsUp });
  metrics.canaryAges(lanes, watch.ageSeconds);
  const leaderLease = createLeaderLease({ redis: producerRedis, key: `{${namespace}:lead}` });

  return {
    config,
    log,
    seams,
    lanes,
    db,
    sets,
    workerRedis,
    producerRedis,
    producer,
    accounts,
    breakers,
    probing,
    metrics,
    leases,
    categories,
    delivery: {
      sql: db.sql,
      accounts,
      breakers,
      categories,
      settings,
      limiter,
      accountLimits: new AccountLimits(),
      accountWaitMs: config.SEND_TIMEOUT_MS,
      fileMemory: new PrioritySemaphore(FILE_MEMORY_BYTES),
      memoryWaitMs: MEMORY_WAIT_MS,
      files,
      leases,
      restore: restoreWatch.restore,
      clock,
      renderer: createRenderer(pool),
      links: baseUrl === undefined ? null : { baseUrl, ring },
      sendTimeoutMs: config.SEND_TIMEOUT_MS,
      stopping: stopping.signal,
      seams: seams.delivery,
      onOutcome: (ending) => metrics.attempt(ending.provider, ending.outcome, ending.latencyMs),
      report: metrics.delivery,
    },
    leaderLease,
    restoreWatch,
    canary: watch,
    readiness,
    wake: createWaker(db.sql).wake,
    inboxChanged,
    stopping,
    hooks,
    onError,
    refusesWrites: writes.refused,
    duties: [book.duty, breakers.duty, writes.duty, watch, database(readiness), restoreWatch.duty],
    close: async () => {
      await Promise.all([book.close(), files.close(), pool.close(), limiter.close(), producer.close()]);
      workerRedis.disconnect();
      producerRedis.disconnect();
      await sets.close();
      await db.close();
    },
  };
}

/** Waits for PostgreSQL with the migrations of this release, and for Redis; the log and /readyz say what is missing. */
async function untilServersCanBeUsed(readiness: ReadinessWatch): Promise<void> {
  for (;;) {
    const { postgres, missing_migrations: missing, redis } = await readiness.look(LOOK_WITHIN_MS);
    if (postgres === 'ok' && missing.length === 0 && redis === 'ok') return;
    await pause(LOOK_EVERY_MS);
  }
}
