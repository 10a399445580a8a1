import { laneOf } from '@carillon/core/notification/lane';
import { openDatabase } from '@carillon/db/connection/client';
import { takeOutbox } from '@carillon/db/outbox/take-outbox';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, beforeAll, describe, expect, type TestContext, test } from 'vitest';
import { laneBundle } from '../../../test/support/lanes.ts';
import { insertNotification } from '../../../test/support/rows.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import { type WorkerProcess, workerProcess } from '../../../test/support/worker-process.ts';

/**
 * Two real worker processes; one is killed with SIGKILL where messages may be at that moment. The bounds are the
 * guarantee (docs/crash-recovery.md).
 */
const WITHIN_MS = { critical: 20_000, normal: 60_000 } as const;
type Tested = keyof typeof WITHIN_MS;
const PRIORITIES: readonly Tested[] = ['critical', 'normal'];
/** Time for the setup: the machine may be busy. */
const PATIENT = { timeoutMs: 30_000 };
/** Of each priority. */
const MESSAGES = 16;

let simulator: SimulatorUnderTest;
beforeAll(async () => {
  simulator = await simulatorUnderTest();
});
afterAll(() => simulator.end());

/** Resend, by TLS, at this port. */
function accounts(port: number) {
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const all = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
  return [{ ...all.find(({ id }) => id === 'resend')!, baseUrl: `https://127.0.0.1:${port}`, caFile }];
}

/** A PostgreSQL database and lanes of its own for each test: they run at the same time. */
async function place({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const bundle = await laneBundle();
  const workers: WorkerProcess[] = [];
  const proxies: TcpProxy[] = [];
  onTestFinished(async () => {
    await Promise.all(workers.map((worker) => worker.stop()));
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await bundle.close();
  });
  const proxyTo = async (port: number): Promise<TcpProxy> => {
    const proxy = await tcpProxy(port);
    proxies.push(proxy);
    return proxy;
  };
  return {
    bundle,
    proxyTo,
    databaseProxy: async () => {
      const url = new URL(bundle.databaseUrl);
      const proxy = await proxyTo(Number(url.port));
      url.host = `127.0.0.1:${proxy.port}`;
      return { proxy, databaseUrl: url.href };
    },
    worker: async ({ databaseUrl = bundle.databaseUrl, resendPort = simulator.tlsPort } = {}) => {
      const worker = await workerProcess({ ...bundle, databaseUrl }, accounts(resendPort), PRIORITIES);
      workers.push(worker);
      return worker;
    },
    insert: (priority: Tested, more: object = {}) =>
      Promise.all(
        Array.from({ length: MESSAGES }, () =>
          insertNotification(bundle.db.sql, { appId: bundle.appId, priority, ...more }),
        ),
      ),
    count: async (priority: Tested, state: string) => {
      const [row] = await bundle.db.sql<[{ count: number }]>`
        select count(*)::int as count from notifications where priority = ${priority} and state = ${state}`;
      return row.count;
    },
  };
}

type Place = Awaited<ReturnType<typeof place>>;

/** From now on all messages of a priority must be sent within their time, and each once. */
async function recovers({ bundle, count }: Place, priority: Tested, what: string): Promise<void> {
  const began = performance.now();
  await until(`all ${priority} ones to be sent`, async () => (await count(priority, 'sent')) === MESSAGES, {
    timeoutMs: WITHIN_MS[priority],
  });
  const tookMs = Math.round(performance.now() - began);
  if (process.env.RECOVERY_TIMES) console.log(`${what}, ${priority}: ${tookMs} ms`);
  const rows = await bundle.db.sql<
    { id: string }[]
  >`select id from notifications where priority = ${priority}`;
  const copies = new Map<string, number>();
  for (const { notification_id: id } of await simulator.ledger())
    if (id !== null) copies.set(id, (copies.get(id) ?? 0) + 1);
  expect(rows.filter(({ id }) => copies.get(id) !== 1)).toEqual([]);
}

describe.concurrent('after a worker was killed', () => {
  test('with jobs in hand that it had not claimed yet', async (context) => {
    const here = await place(context);
    const { bundle } = here;
    const { proxy, databaseUrl } = await here.databaseProxy();
    const [killed, other] = await Promise.all([here.worker({ databaseUrl }), here.worker()]);
    proxy.freeze();
    other.signal('SIGSTOP');
    for (const priority of PRIORITIES) {
      const ids = await here.insert(priority, { state: 'queued', queuedAt: new Date() });
      await bundle.producer.publish(laneOf('email', priority), { ids });
    }
    await until(
      'all jobs to be in hand',
      async () => {
        const lanes = PRIORITIES.map((priority) => bundle.producer.depth(laneOf('email', priority)));
        return (await Promise.all(lanes)).every(({ active }) => active === MESSAGES);
      },
      PATIENT,
    );
    killed.signal('SIGKILL');
    other.signal('SIGCONT');
    await Promise.all(PRIORITIES.map((priority) => recovers(here, priority, 'unclaimed')));
  }, 120_000);

  test('between its claims and their calls', async (context) => {
    const here = await place(context);
    const proxy = await here.proxyTo(simulator.tlsPort);
    proxy.freeze();
    const killed = await here.worker({ resendPort: proxy.port });
    await Promise.all(PRIORITIES.map((priority) => here.insert(priority)));
    // Killed at once: a provider that hangs for three seconds would have its breaker opened, which another test covers.
    await until(
      'it to wait for its provider',
      async () => {
        const counts = await Promise.all(PRIORITIES.map((priority) => here.count(priority, 'sending')));
        return counts.every((count) => count > 0) && proxy.taken() > 0;
      },
      PATIENT,
    );
    killed.signal('SIGKILL');
    await here.worker();
    await Promise.all(PRIORITIES.map((priority) => recovers(here, priority, 'unsent')));
  }, 120_000);

  test('that relayed, with its whole machine, so that PostgreSQL was not notified', async (context) => {
    const here = await place(context);
    const { proxy, databaseUrl } = await here.databaseProxy();
    const worker = await here.worker();
    worker.signal('SIGSTOP');
    await here.insert('critical');
    const vanished = openDatabase({ url: databaseUrl, name: 'vanished relay', connections: 1 });
    let tellHeld = (): void => {};
    const held = new Promise<void>((resolve) => {
      tellHeld = resolve;
    });
    const transaction = vanished.sql
      .begin(async (tx) => {
        expect(await takeOutbox(tx, [laneOf('email', 'critical')], 0, 100)).toHaveLength(MESSAGES);
        tellHeld();
        await new Promise(() => {});
      })
      .catch(() => {});
    await held;
    proxy.freeze();
    worker.signal('SIGCONT');
    await recovers(here, 'critical', 'relayed');
    await proxy.cut();
    await transaction;
    await vanished.close();
  }, 120_000);
});
