import type { Lane } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import { holdBreaker } from '@carillon/db/breakers/hold';
import type { AccountSettings } from '@carillon/providers/accounts/registry';
import { type SimulatorUnderTest, simulatorUnderTest } from '@carillon/simulator/under-test';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { deadPort } from '../../../../test/contract/answering-server.ts';
import {
  type LaneUnderTest,
  type LaneUnderTestOptions,
  laneUnderTest,
} from '../../../../test/support/lane-under-test.ts';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { deleteKeys } from '../../../../test/support/redis-keys.ts';
import { insertNotification, stateOf } from '../../../../test/support/rows.ts';
import { until } from '../../../../test/support/until.ts';
import { canary } from '../maintenance/canary.ts';
import { probe } from '../maintenance/probe.ts';
import { rescue } from '../maintenance/rescue.ts';

let bundle: LaneBundle;
let simulator: SimulatorUnderTest;
let worker: LaneUnderTest | undefined;
/** Each test's accounts have names of their own. */
let tests = 0;
let first: string;
let second: string;

beforeAll(async () => {
  [bundle, simulator] = await Promise.all([laneBundle({ counts: 'off' }), simulatorUnderTest()]);
});
beforeEach(() => {
  tests++;
  first = `first-${tests}`;
  second = `second-${tests}`;
});
afterEach(async () => {
  await fetch(`${simulator.httpUrl}/behaviour`, { method: 'DELETE' });
  await worker?.stop();
  for (const lane of ['email-normal', 'email-critical', 'sms-critical'] as const)
    await bundle.producer.queue(lane).obliterate({ force: true });
});
afterAll(async () => {
  await simulator.end();
  await bundle.close();
});

/** By the simulator's `generic` provider, unless it is somewhere else. */
const generic = (url = `${simulator.httpUrl}/generic/email`): AccountSettings => ({
  id: first,
  provider: 'generic',
  environments: ['test'],
  order: 1,
  channel: 'email',
  url,
  credentials: { secret: 'simulator-shared-secret' },
});
const resend = (): AccountSettings => ({
  id: second,
  provider: 'resend',
  environments: ['test'],
  order: 2,
  credentials: { apiKey: 're_simulator' },
  from: 'Acme <a@acme.example>',
  baseUrl: simulator.httpUrl,
});
const start = async (accounts: AccountSettings[], over: Partial<LaneUnderTestOptions> = {}) => {
  worker = await laneUnderTest(bundle, { lane: 'email-normal', accounts, ...over });
  return worker;
};

async function publish(count: number, priority: Priority = 'normal', over: object = {}): Promise<string[]> {
  const ids = await Promise.all(
    Array.from({ length: count }, () =>
      insertNotification(bundle.db.sql, { appId: bundle.appId, priority, announced: false, ...over }),
    ),
  );
  await bundle.producer.publish(`email-${priority}`, { ids });
  return ids;
}

const breakerOf = async (account: string) => {
  const [row] = await bundle.db.sql<{ state: string; changed_at: Date; reason: string }[]>`
    select state, changed_at, reason from circuit_breakers where account = ${account}`;
  return row!;
};
const attemptsOf = (ids: readonly string[]) =>
  bundle.db.sql<{ id: string; provider: string; outcome: string | null }[]>`
    select notification_id as id, provider, outcome from delivery_attempts
    where notification_id = any (${ids as string[]}::uuid[]) order by notification_id, n`;
const sentBy = async (ids: readonly string[], account: string) => {
  const rows = await bundle.db.sql`
    select 1 from notifications where id = any (${ids as string[]}::uuid[]) and state = 'sent' and provider = ${account}`;
  return rows.length;
};
const look = () => worker!.breakers.duty.runOnce();
const opens = (account: string) =>
  until(`the breaker of ${account} to open`, async () => {
    await look();
    return (await breakerOf(account)).state === 'open';
  });
const open = async (account: string) => {
  await bundle.db.sql`
    update circuit_breakers set state = 'open', changed_at = now(), reason = 'so', cool_down_seconds = 5,
      probe_at = now() + interval '1 hour' where account = ${account}`;
  await look();
};
const halfOpen = async (account: string) => {
  await bundle.db
    .sql`update circuit_breakers set state = 'half_open', changed_at = now(), probe_at = null where account = ${account}`;
  await look();
};
const inHand = async (lane: Lane, count: number) =>
  until(`${count} jobs in hand`, async () => (await bundle.producer.depth(lane)).active === count);

describe('a dead provider’s traffic moves to the next account', () => {
  /** Its effect on its first calls, and a check of their outcome. */
  const deaths: [string, () => Promise<AccountSettings>][] = [
    ['refuses connections', async () => generic(`http://127.0.0.1:${await deadPort()}/`)],
    [
      'answers 503',
      async () => {
        await simulator.behave({ provider: 'generic', mode: 'outage', status: 503 });
        return generic();
      },
    ],
    [
      'takes requests and never answers',
      async () => {
        await simulator.behave({ provider: 'generic', mode: 'accept_then_timeout' });
        return generic();
      },
    ],
  ];

  test.each(deaths)('when it %s', async (_, dead) => {
    const { skip, errors } = await start([await dead(), resend()]);
    const early = await publish(30);
    await until('the first calls', async () => (await attemptsOf(early)).length >= 30);
    // Silence is noticed while the calls are still unanswered.
    skip(3000);
    await opens(first);

    const late = await publish(200);
    await until('all to be sent', async () => (await sentBy(late, second)) === 200);
    expect((await attemptsOf(late)).filter(({ provider }) => provider === first)).toEqual([]);
    // Calls lost to the outage are in doubt or went on; none is missing.
    await until('the first ones to be settled or in doubt', async () => {
      const states = await Promise.all(early.map(async (id) => (await stateOf(bundle.db.sql, id)).state));
      return states.every((state) => state === 'sent' || state === 'in_doubt');
    });
    expect(errors).toEqual([]);
  });
});

test('a message that was certainly not accepted is sent by the next account, as one try, and the timeline has the reason', async () => {
  await start([generic(`http://127.0.0.1:${await deadPort()}/`), resend()]);
  const [id] = await publish(1);
  await until('it to be sent', () => sentBy([id!], second));
  expect(await attemptsOf([id!])).toMatchObject([
    { provider: first, outcome: 'transient' },
    { provider: second, outcome: 'accepted' },
  ]);
  expect(await stateOf(bundle.db.sql, id!)).toMatchObject({ tries: 1, attempt_count: 2 });
  const history = await bundle.db.sql`select reason from notification_history where notification_id = ${id!}`;
  expect(history).toMatchObject([{ reason: expect.stringContaining(`tries the next account, ${second}`) }]);
});

test('an in-doubt call never falls back to another account', async () => {
  await simulator.behave({ provider: 'generic', mode: 'accept_then_drop' });
  await start([generic(), resend()]);
  const [id] = await publish(1);
  await until('the doubt', async () => (await stateOf(bundle.db.sql, id!)).state === 'in_doubt');
  expect(await attemptsOf([id!])).toMatchObject([{ provider: first, outcome: 'in_doubt' }]);
  const copies = (await simulator.ledger()).filter((line) => line.notification_id === id);
  expect(copies).toHaveLength(1);
});

test('a breaker survives the loss of Redis', async () => {
  await start([generic(`http://127.0.0.1:${await deadPort()}/`), resend()]);
  const early = await publish(30);
  await until('them to be sent', async () => (await sentBy(early, second)) === 30);
  await opens(first);
  await deleteKeys(bundle.redis, `{${bundle.namespace}:breaker:*`);
  await look();
  expect((await breakerOf(first)).state).toBe('open');
  const late = await publish(20);
  await until('them to be sent', async () => (await sentBy(late, second)) === 20);
  expect((await attemptsOf(late)).every(({ provider }) => provider === second)).toBe(true);
});

test('held open by hand stays open, however healthy the account is', async () => {
  await start([generic(), resend()]);
  await holdBreaker(bundle.db.sql, first, 'open', 'maintenance', 'staff:ada@acme.example');
  await look();
  const ids = await publish(20);
  await until('them to be sent', async () => (await sentBy(ids, second)) === 20);
  expect(await probe({ sql: bundle.db.sql, accounts: worker!.accounts }).runOnce()).toBe(0);
  await look();
  expect(await breakerOf(first)).toMatchObject({ state: 'open', reason: 'maintenance' });
});

test('held closed by hand stays closed, whatever fails', async () => {
  await start([generic(`http://127.0.0.1:${await deadPort()}/`), resend()]);
  await holdBreaker(bundle.db.sql, first, 'closed', 'we know', 'staff:ada@acme.example');
  await look();
  const ids = await publish(30);
  await until('them to be sent', async () => (await sentBy(ids, second)) === 30);
  await look();
  expect(await breakerOf(first)).toMatchObject({ state: 'closed', reason: 'we know' });
});

test('half-open lets only one through before that one has succeeded; the others keep their places', async () => {
  await simulator.behave({ provider: 'generic', mode: 'accept_then_timeout' });
  await start([generic()]);
  await halfOpen(first);
  const ids = await publish(50);
  await inHand('email-normal', 50);
  await until('the trial', async () => (await attemptsOf(ids)).length > 0);
  for (let n = 0; n < 3; n++) await look();
  expect(await attemptsOf(ids)).toHaveLength(1);
  const states = await Promise.all(ids.map((id) => stateOf(bundle.db.sql, id)));
  expect(states.filter(({ state }) => state === 'pending')).toHaveLength(49);
});

test('trials that succeed close the breaker, and everything follows', async () => {
  await start([generic()]);
  await halfOpen(first);
  const ids = await publish(50);
  await until('the breaker to close', async () => {
    await look();
    return (await breakerOf(first)).state === 'closed';
  });
  await until('all to be sent', async () => (await sentBy(ids, first)) === 50);
  expect(await attemptsOf(ids)).toHaveLength(50);
});

test('a trial that fails opens it again for twice as long', async () => {
  await simulator.behave({ provider: 'generic', mode: 'outage', status: 503 });
  await start([generic()]);
  await open(first);
  await halfOpen(first);
  const ids = await publish(20);
  await opens(first);
  expect((await attemptsOf(ids)).length).toBe(1);
  const [row] = await bundle.db.sql`select cool_down_seconds from circuit_breakers where account = ${first}`;
  expect(row).toEqual({ cool_down_seconds: 10 });
});

test('a lane whose accounts are all open is paused without churning its jobs, and resumes when one is half-open', async () => {
  await start([generic(), resend()]);
  await open(first);
  await open(second);
  const ids = await publish(120);
  for (let n = 0; n < 3; n++) await look();
  const { waiting, delayed, active } = await bundle.producer.depth('email-normal');
  expect({ total: waiting + active, delayed }).toEqual({ total: 120, delayed: 0 });
  // A fetch in flight when the lane was paused may have brought one; it waits in hand.
  expect(active).toBeLessThanOrEqual(1);
  expect(await attemptsOf(ids)).toEqual([]);
  const rows = await bundle.db.sql`
    select 1 from notifications where id = any (${ids}::uuid[]) and (attempt_count > 0 or state <> 'pending')`;
  expect(rows).toHaveLength(0);

  await bundle.db.sql`update circuit_breakers set probe_at = now() where account = ${first}`;
  expect(await probe({ sql: bundle.db.sql, accounts: worker!.accounts }).runOnce()).toBe(1);
  await until('all to be sent', async () => {
    await look();
    return (await sentBy(ids, first)) === 120;
  });
  expect(await attemptsOf(ids)).toHaveLength(120);
});

test('the canary does not report a paused lane as hung', async () => {
  await start([generic()]);
  let now = 0;
  const watch = canary({
    producer: bundle.producer,
    lanes: ['email-normal'],
    rests: (lane) => worker!.breakers.holdsUp(lane),
    now: () => now,
  });
  await open(first);
  for (now = 0; now < 200_000; now += 10_000) await watch.runOnce();
  expect(watch.hung()).toEqual([]);
  expect(await bundle.producer.depth('email-normal')).toMatchObject({ waiting: 0, delayed: 0 });
});

test('jobs due in a paused lane are not announced repeatedly; only those overdue afterwards count as lost', async () => {
  await start([generic()]);
  await open(first);
  const overdue = { state: 'retrying', nextAttemptAt: new Date(Date.now() - 60_000) } as const;
  const id = await insertNotification(bundle.db.sql, { appId: bundle.appId, ...overdue });
  const announced = () => bundle.db.sql`select 1 from outbox where ${id} = any (ids)`;
  let now = 0;
  const { rests } = worker!.breakers;
  const duty = rescue({ sql: bundle.db.sql, wake: () => {}, rests, monotonic: () => now });
  await duty.runOnce();
  expect(await announced()).toHaveLength(0);
  await halfOpen(first);
  await duty.runOnce();
  expect(await announced()).toHaveLength(0);
  now += 20_000;
  await duty.runOnce();
  expect(await announced()).toHaveLength(1);
});

test('a worker that stops returns the jobs waiting in hand to other workers, untouched', async () => {
  await simulator.behave({ provider: 'generic', mode: 'accept_then_timeout' });
  await start([generic()], { sendTimeoutMs: 500 });
  await halfOpen(first);
  const ids = await publish(30);
  await inHand('email-normal', 30);
  await worker!.stop();
  worker = undefined;
  const { waiting, delayed, active } = await bundle.producer.depth('email-normal');
  expect({ left: waiting + delayed, active }).toEqual({ left: 29, active: 0 });
  expect(await attemptsOf(ids)).toHaveLength(1);
});

describe('critical ones', () => {
  test('a deferral costs no attempt, and waiting again for the same reason is recorded once', async () => {
    await start([generic()], { lane: 'email-critical' });
    await open(first);
    const [id] = await publish(1, 'critical');
    const deferred = async () => (await stateOf(bundle.db.sql, id!)).state === 'retrying';
    await until('it to be deferred', deferred);
    expect(await stateOf(bundle.db.sql, id!)).toMatchObject({ attempt_count: 0, tries: 0 });
    expect(await attemptsOf([id!])).toEqual([]);
    await bundle.db.sql`update notifications set state = 'pending', next_attempt_at = null where id = ${id!}`;
    await bundle.producer.publish('email-critical', { ids: [id!], replace: true });
    await until('it to be deferred again', deferred);
    const history = await bundle.db
      .sql`select reason from notification_history where notification_id = ${id!}`;
    expect(history).toEqual([{ reason: `waits: the breaker of ${first} is open (so)` }]);
  });

  test('do not wait where the route has another channel', async () => {
    await start([generic()], { lane: 'email-critical' });
    await open(first);
    const [id] = await publish(1, 'critical', { route: ['email', 'sms'] });
    const moved = await until('the next channel', async () => {
      const [row] = await bundle.db.sql`select state, channel, tries from notifications where id = ${id!}`;
      return row?.channel === 'sms' && row;
    });
    expect(moved).toMatchObject({ state: 'pending', tries: 0 });
    expect(
      await bundle.db.sql`select 1 from outbox where lane = 'sms-critical' and ${id!} = any (ids)`,
    ).toHaveLength(1);
    const history = await bundle.db
      .sql`select reason from notification_history where notification_id = ${id!}`;
    expect(history).toEqual([{ reason: `the breaker of ${first} is open (so); goes on by sms` }]);
    expect(await attemptsOf([id!])).toEqual([]);
  });
});
