import type { Channel } from '@carillon/core/channel';
import { laneOf } from '@carillon/core/lane';
import type { Priority } from '@carillon/core/priority';
import { openDatabase } from '@carillon/db/client';
import { takeOutbox } from '@carillon/db/queries/take-outbox';
import { simulatorAccounts } from '@carillon/providers/registry';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/providers/simulator/under-test';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../test/support/rows.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import { type WorkerProcess, workerProcess } from '../../../test/support/worker-process.ts';

/**
 * Real worker processes, killed with SIGKILL where a message may be at that moment, and another one started in their
 * place, as a supervisor does. The bounds are the guarantee (docs/guarantees.md): 20 s for critical messages, 60 s for
 * all others.
 */
const WITHIN_MS: Readonly<Record<Priority, number>> = { critical: 20_000, normal: 60_000, bulk: 60_000 };

let simulator: SimulatorUnderTest;
beforeAll(async () => {
  simulator = await simulatorUnderTest();
});
afterAll(() => simulator.end());

/** Accounts that lead to the simulator; Resend's, by TLS, where the test says. */
function accounts(resendPort = simulator.tlsPort) {
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const all = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
  const resend = {
    ...all.find(({ id }) => id === 'resend')!,
    baseUrl: `https://127.0.0.1:${resendPort}`,
    caFile,
  };
  return [resend, all.find(({ id }) => id === 'fcm')!];
}

/** A PostgreSQL and Redis of its own for each test: they run at the same time. */
async function place() {
  const bundle = await laneBundle();
  const workers: WorkerProcess[] = [];
  const proxies: TcpProxy[] = [];
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await bundle.close();
  });
  return {
    bundle,
    proxyTo: async (port: number) => {
      const proxy = await tcpProxy(port);
      proxies.push(proxy);
      return proxy;
    },
    worker: async (priority: Priority, given: Partial<{ databaseUrl: string; resendPort: number }> = {}) => {
      const where = { ...bundle, ...(given.databaseUrl ? { databaseUrl: given.databaseUrl } : {}) };
      const worker = await workerProcess(where, accounts(given.resendPort), [priority]);
      workers.push(worker);
      return worker;
    },
  };
}

/** Kills the worker, starts another, and waits for the one message to be sent within its time. */
async function recovers(
  { bundle, worker }: Awaited<ReturnType<typeof place>>,
  killed: WorkerProcess,
  id: string,
  priority: Priority,
): Promise<void> {
  const killedAt = performance.now();
  killed.signal('SIGKILL');
  await killed.exit;
  await worker(priority);
  const leftMs = WITHIN_MS[priority] - (performance.now() - killedAt);
  await until('it to be sent', async () => (await stateOf(bundle.db.sql, id)).state === 'sent', {
    timeoutMs: leftMs,
  });
  if (process.env.RECOVERY_TIMES)
    console.log(expect.getState().currentTestName, Math.round(performance.now() - killedAt));
  const copies = (await simulator.ledger()).filter((line) => line.notification_id === id);
  expect(copies).toHaveLength(1);
}

async function announced(
  bundle: LaneBundle,
  priority: Priority,
  channel: Channel = 'email',
): Promise<string> {
  return insertNotification(bundle.db.sql, { appId: bundle.appId, channel, priority });
}

describe.each(['critical', 'normal'] as const)('%s', (priority) => {
  test.concurrent('a job taken from its lane and not claimed yet', async () => {
    const here = await place();
    const { bundle } = here;
    const database = new URL(bundle.databaseUrl);
    const proxy = await here.proxyTo(Number(database.port));
    database.host = `127.0.0.1:${proxy.port}`;
    const killed = await here.worker(priority, { databaseUrl: database.href });
    proxy.freeze();
    const id = await insertNotification(bundle.db.sql, {
      appId: bundle.appId,
      priority,
      state: 'queued',
      queuedAt: new Date(),
    });
    const lane = laneOf('email', priority);
    await bundle.producer.publish(lane, { ids: [id] });
    await until(
      'the worker to have it in hand',
      async () => (await bundle.producer.depth(lane)).active === 1,
    );
    await recovers(here, killed, id, priority);
  }, 90_000);

  test.concurrent('a claim whose call was not written yet', async () => {
    const here = await place();
    const { bundle } = here;
    const proxy = await here.proxyTo(simulator.tlsPort);
    proxy.freeze();
    const killed = await here.worker(priority, { resendPort: proxy.port });
    const id = await announced(bundle, priority);
    await until('the worker to wait for its provider', async () => {
      return proxy.taken() > 0 && (await stateOf(bundle.db.sql, id)).state === 'sending';
    });
    await recovers(here, killed, id, priority);
  }, 90_000);
});

test.concurrent('outbox rows that a relay holds whose machine has vanished', async () => {
  const here = await place();
  const { bundle } = here;
  const id = await announced(bundle, 'critical');
  const database = new URL(bundle.databaseUrl);
  const proxy = await here.proxyTo(Number(database.port));
  database.host = `127.0.0.1:${proxy.port}`;
  const vanished = openDatabase({ url: database.href, name: 'vanished relay', connections: 1 });
  let isHeld = (): void => {};
  const held = new Promise<void>((resolve) => {
    isHeld = resolve;
  });
  const transaction = vanished.sql
    .begin(async (tx) => {
      expect(await takeOutbox(tx, [laneOf('email', 'critical')], 0, 10)).toHaveLength(1);
      proxy.freeze();
      isHeld();
      await new Promise(() => {});
    })
    .catch(() => {});
  await held;
  const vanishedAt = performance.now();
  await here.worker('critical');
  await until('it to be sent', async () => (await stateOf(bundle.db.sql, id)).state === 'sent', {
    timeoutMs: WITHIN_MS.critical - (performance.now() - vanishedAt),
  });
  if (process.env.RECOVERY_TIMES) console.log('vanished relay', Math.round(performance.now() - vanishedAt));
  await proxy.cut();
  await transaction;
  await vanished.close();
}, 60_000);
