import type { Lane } from '@carillon/core/lane';
import { createBreakerCounter } from '@carillon/providers/breaker-counts';
import { type AccountSettings, buildAccounts, type RegisteredAccount } from '@carillon/providers/registry';
import { workerConnection } from '@carillon/queue/connection';
import type { Consumer } from '@carillon/queue/consumer';
import {
  type Breakers,
  type BreakersOptions,
  createBreakers,
} from '../../apps/worker/src/breaker/breakers.ts';
import { readConfig } from '../../apps/worker/src/config.ts';
import { DEFAULT_SETTINGS } from '../../apps/worker/src/deliver/category-settings.ts';
import { NO_LINKS } from '../../apps/worker/src/deliver/email-links.ts';
import { createGate } from '../../apps/worker/src/deliver/gate.ts';
import { createSeats } from '../../apps/worker/src/deliver/seats.ts';
import { startLane } from '../../apps/worker/src/lane.ts';
import { canary } from '../../apps/worker/src/maintain/canary.ts';
import { createMetrics } from '../../apps/worker/src/metrics.ts';
import { NO_SEAMS } from '../../apps/worker/src/seams.ts';
import type { LaneBundle } from './lanes.ts';

/** One lane of a worker process with its breakers, which look only when the test says so. */
export interface LaneUnderTest {
  accounts: RegisteredAccount[];
  breakers: Breakers;
  consumer: Consumer;
  /** What went wrong; a test that expects nothing wrong checks that it is empty. */
  errors: unknown[];
  /** Moves the clock of the breakers' counting forward. */
  skip(ms: number): void;
  stop(): Promise<void>;
}

export interface LaneUnderTestOptions {
  lane: Lane;
  accounts: AccountSettings[];
  sendTimeoutMs?: number;
  onChange?: BreakersOptions['onChange'];
}

export async function laneUnderTest(
  bundle: LaneBundle,
  { lane, accounts: settings, sendTimeoutMs = 3000, onChange }: LaneUnderTestOptions,
): Promise<LaneUnderTest> {
  const { db, redis, namespace, producer, databaseUrl, redisUrl } = bundle;
  const accounts = buildAccounts(settings, { storeInboxMessage: async () => {} });
  const errors: unknown[] = [];
  const onError = (error: unknown): void => void errors.push(error);
  let skippedMs = 0;
  const counter = createBreakerCounter({ redis, namespace, now: () => performance.now() + skippedMs });
  const breakers = createBreakers({
    sql: db.sql,
    counter,
    accounts,
    onError,
    ...(onChange ? { onChange } : {}),
  });
  await breakers.duty.runOnce();
  const workerRedis = workerConnection(redisUrl, 'lane-under-test');
  const consumer = startLane({
    seats: createSeats(),
    lane,
    gate: createGate(400),
    config: {
      ...readConfig({ DATABASE_URL: databaseUrl, REDIS_URL: redisUrl, PROVIDERS_FILE: 'none' }),
      NAMESPACE: namespace,
      SEND_TIMEOUT_MS: sendTimeoutMs,
    },
    db,
    workerRedis,
    producer,
    limiter: { permit: async () => ({ granted: true }) },
    accounts,
    metrics: createMetrics(),
    watch: canary({ producer, lanes: [lane], rests: breakers.holdsUp }),
    breakers,
    categories: {
      settingsFor: () => DEFAULT_SETTINGS,
    },
    links: NO_LINKS,
    attach: async (_, message) => ({ ok: true, message, detach: () => {} }),
    seams: NO_SEAMS,
    wake: () => {},
    onError,
  });
  return {
    accounts,
    breakers,
    consumer,
    errors,
    skip: (ms) => {
      skippedMs += ms;
    },
    stop: async () => {
      breakers.stop();
      await consumer.close();
      await Promise.all(accounts.map(({ adapter }) => adapter.close()));
      workerRedis.disconnect();
    },
  };
}
