import { groupCommit } from '@carillon/core/group-commit';
import { type Lane, lanesOf } from '@carillon/core/lane';
import { errorFields, type Log } from '@carillon/core/log';
import type { Priority } from '@carillon/core/priority';
import { type Database, openDatabase } from '@carillon/db/client';
import { createWaker } from '@carillon/db/outbox/wake';
import { type InboxEntry, storeInboxMessages } from '@carillon/db/queries/store-inbox-messages';
import { createLimiter } from '@carillon/providers/limiter';
import { buildAccounts } from '@carillon/providers/registry';
import { producerConnection, refuseEvictingRedis, workerConnection } from '@carillon/queue/connection';
import { createProducer, type Producer } from '@carillon/queue/producer';
import type { WorkerConfig } from './config.ts';
import { createGate } from './deliver/gate.ts';
import { startHealth } from './health.ts';
import { startLane } from './lane.ts';
import { type Canary, canary } from './maintain/canary.ts';
import { epoch } from './maintain/epoch.ts';
import { promote } from './maintain/promote.ts';
import { rescue } from './maintain/rescue.ts';
import { sweep } from './maintain/sweep.ts';
import { createMetrics, type Metrics } from './metrics.ts';
import { startRelay } from './relay.ts';
import { type DutyHooks, startDuty } from './service.ts';

/**
 * One worker process put together: relay loops, lane consumers and maintenance for the configured priorities. Nothing
 * here decides anything; it opens connections, hands them out and closes them in the right order.
 */
export interface Worker {
  healthUrl: string;
  /** Resolves when the process should be restarted: a lane has stopped moving. */
  hung: Promise<Lane[]>;
  /** Takes no new jobs, lets provider calls finish, closes everything. */
  stop(): Promise<void>;
}

/** Notifications one process has in hand at most, per priority: bounds memory and what a crash leaves in doubt. */
const IN_HAND: Readonly<Record<Priority, number>> = { critical: 500, normal: 400, bulk: 400 };

export async function startWorker(
  config: WorkerConfig,
  accountSettings: Parameters<typeof buildAccounts>[0],
  log: Log,
): Promise<Worker> {
  const name = `carillon-worker-${config.WORKER_PRIORITIES.join('+')}`;
  const db = openDatabase({
    url: config.DATABASE_URL,
    name,
    connections: config.WORKER_DATABASE_CONNECTIONS,
  });
  const workerRedis = workerConnection(config.REDIS_URL, name);
  const producerRedis = producerConnection(config.REDIS_URL, name);
  await refuseEvictingRedis(workerRedis);

  const producer = createProducer(producerRedis, config.NAMESPACE);
  const limiter = createLimiter({ redisUrl: config.REDIS_URL, namespace: config.NAMESPACE });
  const accounts = buildAccounts(accountSettings, { storeInboxMessage: inboxStore(db) });
  const metrics = createMetrics();
  const waker = createWaker(db.sql);
  const lanes = lanesOf(config.WORKER_PRIORITIES);
  const watch = canary(producer, lanes);

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

  const relays = config.WORKER_PRIORITIES.map((priority) =>
    startRelay({
      sql: db.sql,
      producer,
      priority,
      onPublished: metrics.published,
      onError: told('relay waits'),
    }),
  );
  const consumers = config.WORKER_PRIORITIES.flatMap((priority) => {
    const gate = createGate(IN_HAND[priority]);
    return lanesOf([priority]).map((lane) =>
      startLane({
        lane,
        gate,
        config,
        db,
        workerRedis,
        producer,
        limiter,
        accounts,
        metrics,
        watch,
        onError: told(`lane ${lane}`),
      }),
    );
  });
  const wake = waker.wake;
  const maintenance = config.WORKER_MAINTENANCE
    ? [
        rescue({ sql: db.sql, wake }),
        promote({ sql: db.sql, wake }),
        epoch({ sql: db.sql, redis: producerRedis, namespace: config.NAMESPACE, wake }),
        sweep({ sql: db.sql, producer, wake }),
      ]
    : [];
  const duties = [...maintenance, watch].map((duty) => startDuty(duty, hooks));
  const health = await startHealth({
    host: config.WORKER_HOST,
    port: config.WORKER_PORT,
    registry: metrics.registry,
    hungLanes: watch.hung,
    refresh: () => refreshGauges(lanes, producer, watch, metrics),
  });
  const hungWatch = watchForHungLanes(watch);

  return {
    healthUrl: health.url,
    hung: hungWatch.hung,
    stop: async () => {
      hungWatch.stop();
      await Promise.all([...relays, ...duties].map((service) => service.stop()));
      await Promise.all(consumers.map((consumer) => consumer.close()));
      await Promise.all([
        ...accounts.map((account) => account.adapter.close()),
        limiter.close(),
        producer.close(),
        health.stop(),
      ]);
      workerRedis.disconnect();
      producerRedis.disconnect();
      await db.close();
    },
  };
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
