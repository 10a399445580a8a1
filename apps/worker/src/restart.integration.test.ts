import { setTimeout as pause } from 'node:timers/promises';
import type { Channel } from '@carillon/core/notification/channel';
import { laneOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import type { AccountSettings } from '@carillon/providers/accounts/registry';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../test/support/lanes.ts';
import { insertNotification, stateOf } from '../../../test/support/rows.ts';
import { tcpProxy } from '../../../test/support/tcp-proxy.ts';
import { until } from '../../../test/support/until.ts';
import { type WorkerProcess, workerProcess } from '../../../test/support/worker-process.ts';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
const workers: WorkerProcess[] = [];

beforeAll(async () => {
  simulator = await simulatorUnderTest();
});
afterAll(() => simulator.end());
afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
  await bundle.close();
});

function accounts(): AccountSettings[] {
  const { httpUrl, tlsPort, caFile, smtpUrl } = simulator;
  const all = simulatorAccounts({ httpUrl, tlsHost: '127.0.0.1', tlsPort, caFile, smtpUrl });
  // Termii carries no id of ours, so its messages could not be told in the ledger. It is next after Twilio.
  return all.filter(({ provider }) => provider !== 'termii');
}

/** Those accounts, one of them with other settings. */
function accountsBut(id: string, settings: Record<string, unknown>, among = accounts()): AccountSettings[] {
  return among.map((account) =>
    account.id === id ? ({ ...account, ...settings } as AccountSettings) : account,
  );
}

async function start(
  priorities: readonly Priority[],
  given: { accounts?: AccountSettings[]; env?: Record<string, string> } = {},
): Promise<WorkerProcess> {
  const worker = await workerProcess(bundle, given.accounts ?? accounts(), priorities, given.env);
  workers.push(worker);
  return worker;
}

async function endOf(worker: WorkerProcess): Promise<number | null> {
  worker.signal('SIGTERM');
  return worker.exit;
}

const insert = (n: number, channel: Channel, priority: Priority) =>
  Promise.all(
    Array.from({ length: n }, () =>
      insertNotification(bundle.db.sql, { appId: bundle.appId, channel, priority }),
    ),
  );

const countOf = async (...states: string[]): Promise<number> => {
  const [row] = await bundle.db.sql<[{ count: number }]>`
    select count(*)::int as count from notifications where state = any (${states}::text[])`;
  return row.count;
};

const copiesOf = async (ids: readonly string[]): Promise<Map<string, number>> => {
  const copies = new Map(ids.map((id) => [id, 0]));
  for (const { notification_id: id } of await simulator.ledger())
    if (id !== null && copies.has(id)) copies.set(id, copies.get(id)! + 1);
  return copies;
};

/** For people: what calls these had. */
async function attemptsOf(ids: readonly string[]): Promise<string> {
  const rows = await bundle.db.sql`
    select n.state, n.priority, a.provider, a.outcome, count(*)::int
    from notifications n left join delivery_attempts a on a.notification_id = n.id
    where n.id = any (${ids}::uuid[]) group by 1, 2, 3, 4`;
  return JSON.stringify(rows);
}

test('rolling restarts under load lose nothing, double nothing, leave no doubt, and end with 0', async () => {
  bundle = await laneBundle({ counts: 'off' });
  await simulator.behave({ provider: '*', latency_ms: 120, for_seconds: 300 });
  // One account that makes messages wait for permits.
  const limited = accountsBut('twilio', { ratePerSecond: 100 });
  const all = ['critical', 'normal', 'bulk'] as const;
  const running = [await start(all, { accounts: limited }), await start(all, { accounts: limited })];
  const ids: string[] = [];
  let feeding = true;
  const load = (async () => {
    while (feeding) {
      for (const priority of all) {
        ids.push(...(await insert(15, 'email', priority)), ...(await insert(10, 'push', priority)));
        ids.push(...(await insert(3, 'sms', priority)));
      }
      await pause(400);
    }
  })();
  const ends: (number | null)[] = [];
  for (let round = 0; round < 4; round++) {
    const sent = await countOf('sent', 'delivered');
    await until('deliveries to flow', async () => (await countOf('sent', 'delivered')) > sent + 100, {
      timeoutMs: 60_000,
    });
    const successor = start(all, { accounts: limited });
    ends.push(await endOf(running.shift()!));
    running.push(await successor);
  }
  feeding = false;
  await load;
  await until('everything to be sent', async () => (await countOf('sent', 'delivered')) === ids.length, {
    timeoutMs: 60_000,
    everyMs: 200,
  });
  for (const worker of running) ends.push(await endOf(worker));

  expect(ends).toEqual(ends.map(() => 0));
  expect(ids.length).toBeGreaterThan(1000);
  const others = [...(await copiesOf(ids))].filter(([, count]) => count !== 1);
  expect(others, await attemptsOf(others.map(([id]) => id))).toEqual([]);
  const [doubts] = await bundle.db.sql`
    select count(*)::int as count from notification_history where state = 'in_doubt'`;
  expect(doubts).toEqual({ count: 0 });
}, 180_000);

test('deliveries that wait for a permit or a connection when their worker stops go back at no cost, at once', async () => {
  bundle = await laneBundle({ counts: 'off' });
  await simulator.behave({ provider: '*', for_seconds: 0.001 });
  const proxy = await tcpProxy(simulator.tlsPort);
  proxy.freeze();
  const overTls = { baseUrl: `https://127.0.0.1:${proxy.port}`, caFile: simulator.caFile };
  const slow = accountsBut('resend', overTls, accountsBut('twilio', { ratePerSecond: 1 }));
  const worker = await start(['critical'], { accounts: slow });
  const ids = [...(await insert(3, 'sms', 'critical')), ...(await insert(20, 'email', 'critical'))];
  await until('both kinds to wait', async () => proxy.taken() >= 20 && (await countOf('sending')) >= 21);
  expect(await endOf(worker)).toBe(0);
  await proxy.close();

  const open = await bundle.db.sql`
    select state, attempt_count, tries from notifications where state not in ('sent', 'delivered')`;
  expect(open.length).toBeGreaterThanOrEqual(20);
  for (const row of open) expect(row).toEqual({ state: 'retrying', attempt_count: 0, tries: 0 });
  const attempts = await bundle.db
    .sql`select 1 from delivery_attempts where outcome is distinct from 'accepted'`;
  expect(attempts).toHaveLength(0);
  const why = await bundle.db.sql`select distinct reason from notification_history where state = 'retrying'`;
  expect(why).toContainEqual({ reason: 'the worker stops: given back unsent' });

  await start(['critical']);
  await until('the next worker to send them', async () => (await countOf('sent')) === ids.length);
  expect([...(await copiesOf(ids)).values()]).toEqual(ids.map(() => 1));
}, 120_000);

test('a call still unanswered at the deadline is cut off, as the log and the exit code report, and is in doubt', async () => {
  bundle = await laneBundle({ counts: 'off' });
  await simulator.behave({ provider: '*', mode: 'accept_then_timeout', for_seconds: 300 });
  const env = {
    WORKER_DRAIN_SECONDS: '1',
    WORKER_LEASE_SECONDS: '4',
    WORKER_ROLES: 'deliver:critical,relay:critical',
  };
  const worker = await start(['critical'], { env });
  const [id] = await insert(1, 'email', 'critical');
  await until('the call to be out', async () => (await copiesOf([id!])).get(id!) === 1);
  expect(await endOf(worker)).toBe(3);
  expect(worker.output()).toContain('"calls_cut_off":1');
  expect((await stateOf(bundle.db.sql, id!)).state).toBe('sending');
  await simulator.behave({ provider: '*', for_seconds: 0.001 });
  await start(['critical'], { env: { WORKER_LEASE_SECONDS: '4' } });
  // The same call again, under the key it had: the provider has it once.
  await until('the doubt to be settled', async () => (await stateOf(bundle.db.sql, id!)).state === 'sent', {
    timeoutMs: 20_000,
  });
  expect((await copiesOf([id!])).get(id!)).toBe(1);
}, 120_000);

test('jobs that wait for their turn when their worker stops are back in the lane when it has ended', async () => {
  bundle = await laneBundle({ counts: 'off' });
  await simulator.behave({ provider: '*', latency_ms: 1500, for_seconds: 300 });
  const worker = await start(['bulk']);
  const ids = await insert(1000, 'email', 'bulk');
  const lane = laneOf('email', 'bulk');
  // 400 are admitted; more are taken from the lane and wait to be.
  await until('the limit to be reached', async () => (await countOf('sending')) >= 300);
  expect(await endOf(worker)).toBe(0);
  const { active } = await bundle.producer.depth(lane);
  expect(active).toBe(0);
  expect(await countOf('sending', 'in_doubt')).toBe(0);
  await simulator.behave({ provider: '*', for_seconds: 0.001 });
  await start(['bulk']);
  await until('the next worker to send the rest', async () => (await countOf('sent')) === ids.length, {
    timeoutMs: 20_000,
  });
  expect([...(await copiesOf(ids)).values()].filter((count) => count !== 1)).toEqual([]);
}, 120_000);
