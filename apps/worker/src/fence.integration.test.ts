import { openDatabase } from '@carillon/db/connection/client';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../test/support/rows.ts';
import { type TcpProxy, tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import { type WorkerProcess, workerProcess } from '../../../test/support/worker-process.ts';
import { rescue } from './maintenance/rescue.ts';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
const proxies: TcpProxy[] = [];
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  [bundle, simulator] = await Promise.all([laneBundle(), simulatorUnderTest()]);
});
afterEach(async () => {
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await Promise.all(proxies.splice(0).map((proxy) => proxy.close()));
});
afterAll(async () => {
  await simulator.end();
  await bundle.close();
});

/** Leases of two seconds for critical messages; no other maintenance runs. */
const SHORT_LEASES = { WORKER_LEASE_SECONDS: '4', WORKER_ROLES: 'deliver:critical,relay:critical' };

const copiesOf = async (id: string) =>
  (await simulator.ledger()).filter((line) => line.notification_id === id).map((line) => line.attempt_id);

const isState = async (id: string, state: string) => (await stateOf(bundle.db.sql, id)).state === state;

/** Rescue, in this process, until it has turned the attempt into a doubt. */
async function rescued(id: string): Promise<void> {
  const rescuer = rescue({ sql: bundle.db.sql, wake: () => {} });
  await until('the lease to run out', async () => {
    await rescuer.runOnce();
    return isState(id, 'in_doubt');
  });
}

const doubtsOf = (id: string) => bundle.db.sql`
  select reason from notification_history where notification_id = ${id} and state = 'in_doubt'`;

/** PostgreSQL through a proxy. */
async function databaseProxy() {
  const url = new URL(bundle.databaseUrl);
  const proxy = await tcpProxy(Number(url.port));
  proxies.push(proxy);
  url.host = `127.0.0.1:${proxy.port}`;
  return { proxy, databaseUrl: url.href };
}

function allAccounts() {
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  return simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
}

/** The simulator's account of a provider, its connections through a proxy. */
async function throughProxy(provider: 'smtp' | 'fcm') {
  const smtpPort = Number(new URL(simulator.smtpUrl).port);
  const proxy = await tcpProxy(provider === 'smtp' ? smtpPort : simulator.tlsPort);
  proxies.push(proxy);
  const accounts = simulatorAccounts({
    httpUrl: simulator.httpUrl,
    tlsHost: '127.0.0.1',
    tlsPort: provider === 'fcm' ? proxy.port : simulator.tlsPort,
    caFile: simulator.caFile,
    smtpUrl: provider === 'smtp' ? `smtp://127.0.0.1:${proxy.port}` : simulator.smtpUrl,
  });
  return { proxy, accounts: accounts.filter((account) => account.provider === provider) };
}

const MESSAGES = {
  smtp: { channel: 'email', waits: 'for the greeting of its SMTP server' },
  fcm: { channel: 'push', waits: 'for the TLS handshake of its provider' },
} as const;

test.each(Object.entries(MESSAGES) as [keyof typeof MESSAGES, (typeof MESSAGES)[keyof typeof MESSAGES]][])(
  'a worker stopped past its lease while it waits (%s) gives the call up when it resumes, and that settles the doubt',
  async (provider, { channel }) => {
    const { sql } = bundle.db;
    const { proxy, accounts } = await throughProxy(provider);
    proxy.freeze();
    const stopped = await workerProcess(bundle, accounts, ['critical'], SHORT_LEASES);
    workers.push(stopped);
    const id = await insertNotification(sql, { appId: bundle.appId, channel, priority: 'critical' });
    await until('the worker to wait for a connection', async () => {
      return proxy.taken() > 0 && (await isState(id, 'sending'));
    });
    stopped.signal('SIGSTOP');
    await rescued(id);
    await proxy.restore();
    stopped.signal('SIGCONT');
    const woken = await until(
      'the worker to wake up',
      async () =>
        (
          await sql`select reason from notification_history where notification_id = ${id} and actor = 'deliver'`
        )[0],
    );
    expect(woken.reason).toContain('its worker is back and had not sent it');
    expect(await copiesOf(id)).toEqual([]);

    // Evidence, not policy: the policy for a critical doubt would wait half a minute.
    workers.push(await workerProcess(bundle, accounts, ['critical']));
    await until('it to be sent after all', () => isState(id, 'sent'), { timeoutMs: 15_000 });
    expect(await copiesOf(id)).toEqual([`${id}/2`]);
  },
  120_000,
);

test('a worker stopped in the middle of a call resumes with its answer, and that settles the doubt', async () => {
  const smtp = allAccounts().filter(({ id }) => id === 'smtp');
  await simulator.behave({ provider: 'smtp', latency_ms: 1500, for_seconds: 60 });
  const stopped = await workerProcess(bundle, smtp, ['critical'], SHORT_LEASES);
  workers.push(stopped);
  const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, priority: 'critical' });
  await until('the provider to have it', async () => (await copiesOf(id)).length === 1);
  stopped.signal('SIGSTOP');
  await rescued(id);
  stopped.signal('SIGCONT');
  workers.push(await workerProcess(bundle, smtp, ['critical']));
  await until('the doubt to be settled', () => isState(id, 'sent'), { timeoutMs: 15_000 });
  expect(await copiesOf(id)).toEqual([`${id}/1`]);
  expect((await stateOf(bundle.db.sql, id)).provider_message_id).toContain(`${id}/1`);
}, 120_000);

test('a call that takes several leases is never in doubt while its worker lives', async () => {
  await simulator.behave({ provider: 'resend', latency_ms: 9000, for_seconds: 60 });
  const env = { ...SHORT_LEASES, WORKER_LEASE_SECONDS: '8', SEND_TIMEOUT_MS: '30000' };
  workers.push(await workerProcess(bundle, allAccounts(), ['critical'], env));
  const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, priority: 'critical' });
  const rescuer = rescue({ sql: bundle.db.sql, wake: () => {} });
  await until(
    'it to be sent',
    async () => {
      await rescuer.runOnce();
      return isState(id, 'sent');
    },
    { timeoutMs: 30_000 },
  );
  expect(await doubtsOf(id)).toEqual([]);
}, 120_000);

test('after an outage of PostgreSQL longer than their leases live workers renew, and no attempt of theirs is in doubt', async () => {
  const [mine, theirs] = [await databaseProxy(), await databaseProxy()];
  const db = openDatabase({ url: mine.databaseUrl, name: 'rescue', connections: 1 });
  await simulator.behave({ provider: 'resend', latency_ms: 9000, for_seconds: 60 });
  const { databaseUrl } = theirs;
  const env = { ...SHORT_LEASES, SEND_TIMEOUT_MS: '30000' };
  workers.push(await workerProcess({ ...bundle, databaseUrl }, allAccounts(), ['critical'], env));
  const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, priority: 'critical' });
  await until('the call to be out', () => isState(id, 'sending'));
  const rescuer = rescue({ sql: db.sql, wake: () => {}, leaseMs: 2000 });
  await rescuer.runOnce();
  await Promise.all([mine.proxy.cut(), theirs.proxy.cut()]);
  await until('the lease to be long over', async () => {
    await rescuer.runOnce().catch(() => {});
    const [row] = await bundle.db.sql`
      select lease_until < now() - interval '1 s' as over from notifications where id = ${id}`;
    return row!.over;
  });
  // The rescuer is back first.
  await mine.proxy.restore();
  await until('rescue to have its turn', () =>
    rescuer.runOnce().then(
      () => true,
      () => false,
    ),
  );
  await theirs.proxy.restore();
  await until(
    'it to be sent',
    async () => {
      await rescuer.runOnce();
      return isState(id, 'sent');
    },
    { timeoutMs: 20_000 },
  );
  expect(await doubtsOf(id)).toEqual([]);
  expect(await copiesOf(id)).toEqual([`${id}/1`]);
  await db.close();
}, 120_000);

test('a connection to PostgreSQL that freezes is given up, and work goes on over a new one', async () => {
  const { proxy, databaseUrl } = await databaseProxy();
  const worker = await workerProcess({ ...bundle, databaseUrl }, allAccounts(), ['critical']);
  workers.push(worker);
  const send = async () => {
    const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, priority: 'critical' });
    await until('it to be sent', () => isState(id, 'sent'), { timeoutMs: 15_000 });
  };
  await send();
  proxy.freeze();
  // One more than a worker ever has at a time (8 for hot statements, 8 for others, one that listens): some were
  // replaced.
  await until('the frozen connections to be given up', () => proxy.taken() > 17, { timeoutMs: 60_000 });
  // Statements sent before the thaw are not answered by it: those connections are gone.
  await proxy.restore();
  await send();
}, 120_000);
