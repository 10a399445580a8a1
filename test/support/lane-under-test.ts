import type { Lane } from '@carillon/core/notification/lane';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import { createBreakerCounter } from '@carillon/limiter/breaker-counts';
import {
  type AccountSettings,
  buildAccounts,
  type RegisteredAccount,
} from '@carillon/providers/accounts/registry';
import { workerConnection } from '@carillon/queue/connection';
import type { Consumer } from '@carillon/queue/consumer';
import {
  type Breakers,
  type BreakersOptions,
  createBreakers,
} from '../../apps/worker/src/breaker/breakers.ts';
import { laneLimit } from '../../apps/worker/src/deliver/concurrency-limits.ts';
import { startLane } from '../../apps/worker/src/lane.ts';
import { canary } from '../../apps/worker/src/maintenance/canary.ts';
import { laneParts } from './delivery-context.ts';
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
  const { db, redis, namespace, producer, redisUrl } = bundle;
  const accounts = await buildAccounts(settings, { storeInboxMessage: async () => true });
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
    delivery: laneParts({ sql: db.sql, lane, accounts, breakers, sendTimeoutMs, onError }),
    limit: laneLimit(new PrioritySemaphore(400)),
    breakers,
    workerRedis,
    namespace,
    producer,
    watch: canary({ producer, lanes: [lane], rests: breakers.holdsUp }),
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
