import { groupCommit } from '@carillon/core/group-commit';
import { type Lane, lanesOf } from '@carillon/core/lane';
import { errorFields, type Log } from '@carillon/core/log';
import type { Priority } from '@carillon/core/priority';
import { type Database, openDatabase } from '@carillon/db/client';
import { createWaker } from '@carillon/db/outbox/wake';
import { countDoubts } from '@carillon/db/queries/count-doubts';
import { type Release, releaseClaims } from '@carillon/db/queries/release-claims';
import { renewLeases } from '@carillon/db/queries/renew-leases';
import { type InboxEntry, storeInboxMessages } from '@carillon/db/queries/store-inbox-messages';
import type { AccountSettings } from '@carillon/providers/account-settings';
import { createLimiter } from '@carillon/providers/limiter';
import { producerConnection, refuseEvictingRedis, workerConnection } from '@carillon/queue/connection';
import { createLead } from '@carillon/queue/lead';
import { createProducer, type Producer } from '@carillon/queue/producer';
import { openAccountBook } from './account-book.ts';
import { workerBreakers } from './breaker/worker-breakers.ts';
import type { WorkerConfig } from './config.ts';
import { categoryBook } from './deliver/category-settings.ts';
import { emailParts } from './deliver/email-parts.ts';
import { createGate, type Gate } from './deliver/gate.ts';
import { createLeases, leaseTable } from './deliver/leases.ts';
import { releaseOf } from './deliver/release.ts';
import { createSeats } from './deliver/seats.ts';
import type { Claimed } from './deliver/steps.ts';
import { type Draining, drain } from './drain.ts';
import { startEmit } from './emit/start-emit.ts';
import { startHealth } from './health.ts';
import { startLane } from './lane.ts';
import { account } from './maintain/account.ts';
import { byLeader } from './maintain/by-leader.ts';
import { type Canary, canary } from './maintain/canary.ts';
import { epoch } from './maintain/epoch.ts';
import { order } from './maintain/order.ts';
import { promote } from './maintain/promote.ts';
import { prune } from './maintain/prune.ts';
import { receipts } from './maintain/receipts.ts';
import { reports } from './maintain/reports.ts';
import { rescue } from './maintain/rescue.ts';
import { resolvers } from './maintain/resolvers.ts';
import { sweep } from './maintain/sweep.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { startRelay } from './relay.ts';
import { NO_SEAMS, type WorkerSeams } from './seams.ts';
import { type DutyHooks, startDuty } from './service.ts';

/**
 * One worker process put together: relay loops, lane consumers and maintenance for the configured priorities. Nothing
 * here decides anything; it opens connections, hands them out and closes them in the right order.
 */
export interface Worker {
  healthUrl: string;
  /** Resolves when the process should be restarted: a lane has stopped moving. */
  hung: Promise<Lane[]>;
  /**
   * Takes no new jobs, gives back what is not sent yet, lets provider calls finish, closes everything.
   *
   * @returns how many calls were cut off because the time was up.
   */
  stop(withinMs?: number): Promise<number>;
}

/** A lease of a critical message must outlast a statement that hangs on a dead connection. */
const STATEMENT_TIMEOUT_MS = 10_000;
const SILENCE_MS = 12_000;

/**
 * Notifications one process has in hand at most, per priority: bounds memory and what a crash leaves in doubt. Of those, of
 * one lane: a provider that hangs must leave room for the other channels.
 */
const IN_HAND: Readonly<Record<Priority, { all: number; ofLane: number }>> = {
  critical: { all: 500, ofLane: 300 },
  normal: { all: 400, ofLane: 300 },
  // Five chunks: with three, PostgreSQL and the provider wait for each other (measured: 4 % slower).
  bulk: { all: 600, ofLane: 500 },
};

export async function startWorker(
  config: WorkerConfig,
  /** The accounts of PROVIDERS_FILE; null leaves what stands in PostgreSQL. */
  fromFile: readonly AccountSettings[] | null,
  log: Log,
  seams: WorkerSeams = NO_SEAMS,
): Promise<Worker> {
  const name = `carillon-worker-${config.WORKER_PRIORITIES.join('+')}`;
  const db = seams.database(
    openDatabase({
      url: config.DATABASE_URL,
      name,
      connections: config.WORKER_DATABASE_CONNECTIONS,
      statementTimeoutMs: STATEMENT_TIMEOUT_MS,
      silenceMs: SILENCE_MS,
    }),
  );
  const workerRedis = workerConnection(config.REDIS_URL, name);
  const producerRedis = seams.redis(producerConnection(config.REDIS_URL, name));
  await refuseEvictingRedis(workerRedis);

  const producer = seams.producer(createProducer(producerRedis, config.NAMESPACE));
  const limiter = createLimiter({ redisUrl: config.REDIS_URL, namespace: config.NAMESPACE });
  const book = await openAccountBook({
    sql: db.sql,
    ring: config.ENCRYPTION_KEYS,
    deps: { storeInboxMessage: inboxStore(db) },
    fromFile,
    onUnusable: (account, error) =>
      log.error('a provider account cannot be used and is left out', { account, ...errorFields(error) }),
  });
  const { accounts } = book;
  const metrics = createMetrics();
  const waker = createWaker(db.sql);
  const lanes = lanesOf(config.WORKER_PRIORITIES);
  const told = (message: string) => (error: unknown) => log.warn(message, errorFields(error));
  const hooks: DutyHooks = {
    onError: (duty, error) => {
      metrics.dutyFailed(duty);
      log.warn(`${duty} failed, will try again`, errorFields(error));
    },
    onRun: (duty, count) => {
      metrics.duty(duty, count);
      if (count > 0 && duty !== 'canary') log.info(`${duty}: ${count}`);
    },
  };

  const leases = createLeases({
    ms: leaseTable(config.WORKER_LEASE_SECONDS),
    renewLeases: (renewals) => renewLeases(db.sql, renewals),
    onError: told('leases could not be renewed'),
  });
  const stopping = new AbortController();
  const seats = createSeats(stopping.signal);
  const categories = categoryBook(db.sql, hooks);
  const mail = emailParts({ sql: db.sql, config, categories, log, stopping: stopping.signal });
  const { breakers, probing } = await workerBreakers({
    sql: db.sql,
    redis: producerRedis,
    namespace: config.NAMESPACE,
    accounts,
    metrics,
    log,
  });
  const watch = canary({ producer, lanes, rests: breakers.holdsUp });

  const relays = config.WORKER_PRIORITIES.map((priority) =>
    startRelay({
      sql: db.sql,
      producer,
      priority,
      onPublished: metrics.published,
      onError: told('relay waits'),
    }),
  );
  const gates: Gate[] = [];
  const consumers = config.WORKER_PRIORITIES.flatMap((priority) => {
    const shared = createGate(IN_HAND[priority].all);
    gates.push(shared);
    return lanesOf([priority]).map((lane) => {
      const gate = createGate(IN_HAND[priority].ofLane, shared);
      gates.push(gate);
      return startLane({
        lane,
        gate,
        config,
        db,
        workerRedis,
        producer,
        limiter,
        seats,
        accounts,
        metrics,
        watch,
        breakers,
        categories,
        links: mail.links,
        attach: mail.attach,
        seams,
        leases,
        stopping: stopping.signal,
        wake: waker.wake,
        onError: told(`lane ${lane}`),
        onNewer: (version) =>
          log.warn(`lane ${lane} has jobs of a newer release: they wait for a newer worker`, { version }),
      });
    });
  });
  const wake = waker.wake;
  const lead = createLead({ redis: producerRedis, key: `{${config.NAMESPACE}:lead}` });
  const maintenance = config.WORKER_MAINTENANCE
    ? [
        rescue({ sql: db.sql, wake, rests: breakers.rests, leaseMs: leases.ms.critical, justStarted: true }),
        ...resolvers({
          sql: db.sql,
          accounts,
          limiter,
          seats,
          breakers,
          categories,
          metrics,
          sendTimeoutMs: config.SEND_TIMEOUT_MS,
          links: mail.links,
          attach: mail.attach,
          leases,
          stopping: stopping.signal,
          wake,
          onError: told('resolve'),
        }),
        promote({ sql: db.sql, wake }),
        epoch({ sql: db.sql, redis: producerRedis, namespace: config.NAMESPACE, wake }),
        byLeader(lead, sweep({ sql: db.sql, producer, wake })),
        order({ sql: db.sql, wake }),
        prune({
          sql: db.sql,
          retentionDays: config.RETENTION_DAYS,
          inboxRetentionDays: config.INBOX_RETENTION_DAYS,
        }),
        byLeader(
          lead,
          account({
            sql: db.sql,
            producer,
            onCounted: metrics.unaccounted,
            onFound: (found) =>
              log.warn('nobody moves these notifications although somebody should', { found }),
          }),
        ),
        receipts({ sql: db.sql }),
        reports({ sql: db.sql, accounts, onError: told('reports'), stopping: stopping.signal }),
        probing,
      ]
    : [];
  // Customers' endpoints are slow and many: not in the process of the one-time passwords.
  const events = config.WORKER_PRIORITIES.includes('normal')
    ? startEmit({
        sql: db.sql,
        ring: config.ENCRYPTION_KEYS,
        workerRedis,
        producerRedis,
        namespace: config.NAMESPACE,
        allowPrivate: config.WEBHOOKS_ALLOW_PRIVATE,
        onTried: metrics.eventTried,
        onError: told('events'),
      })
    : null;
  const duties = [...maintenance, ...(events?.duties ?? []), book.duty, breakers.duty, watch].map((duty) =>
    startDuty(duty, hooks),
  );
  const health = await startHealth({
    host: config.WORKER_HOST,
    port: config.WORKER_PORT,
    registry: metrics.registry,
    hungLanes: watch.hung,
    refresh: async () => {
      await refreshGauges(lanes, producer, watch, metrics);
      const { open, held } = await countDoubts(db.sql);
      metrics.doubts(open, held);
    },
  });
  const hungWatch = watchForHungLanes(watch);

  const draining: Draining = {
    stopping,
    consumers,
    gates,
    leases,
    services: [hungWatch, breakers, ...relays, ...duties, categories, lead],
    release: (unwritten) =>
      releaseClaims(db.sql, unwritten.filter(({ isRepeat }) => !isRepeat).map(whenStopping)),
    close: async () => {
      await Promise.all([
        book.close(),
        events?.close(),
        mail.close(),
        limiter.close(),
        producer.close(),
        health.stop(),
      ]);
      workerRedis.disconnect();
      producerRedis.disconnect();
      await db.close();
    },
  };

  return {
    healthUrl: health.url,
    hung: hungWatch.hung,
    stop: (withinMs = config.WORKER_DRAIN_SECONDS * 1000) => drain(draining, withinMs),
  };
}

function whenStopping(claimed: Claimed): Release {
  return releaseOf(claimed, { kind: 'unsent', retryInMs: 0, reason: 'the worker stops: given back unsent' });
}

/** Our own inbox is a table: messages that arrive together are stored together. */
function inboxStore(db: Database): (entry: InboxEntry) => Promise<void> {
  return groupCommit(
    async (entries: InboxEntry[]) => {
      await storeInboxMessages(db.sql, entries);
      return entries.map(() => undefined);
    },
    { maxGroup: 250, maxInFlight: 2 },
  );
}

async function refreshGauges(
  lanes: readonly Lane[],
  producer: Producer,
  watch: Canary,
  metrics: Metrics,
): Promise<void> {
  for (const lane of lanes) {
    metrics.canaryAge(lane, watch.ageSeconds(lane));
    const depth = await producer.depth(lane);
    metrics.laneDepth(lane, depth.waiting, depth.delayed);
  }
}

function watchForHungLanes(watch: Canary): { hung: Promise<Lane[]>; stop(): void } {
  let timer: NodeJS.Timeout | undefined;
  const hung = new Promise<Lane[]>((resolve) => {
    timer = setInterval(() => {
      const lanes = watch.hung();
      if (lanes.length > 0) resolve(lanes);
    }, 5000);
  });
  return { hung, stop: () => clearInterval(timer) };
}
