import type { Outcome } from '@carillon/core/provider/outcome';
import { readBreakers } from '@carillon/db/breakers/breakers';
import { holdBreaker, releaseBreaker } from '@carillon/db/breakers/hold';
import { moveBreaker, stayOpen } from '@carillon/db/breakers/moves';
import { createBreakerCounter } from '@carillon/limiter/breaker-counts';
import type { Probe, ProviderAccount } from '@carillon/providers/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { until } from '../../../../test/support/until.ts';
import { probe } from '../maintenance/probe.ts';
import { type Breakers, createBreakers } from './breakers.ts';

let bundle: LaneBundle;
/** Each test's account has a name of its own. */
let account: string;
let tests = 0;
/** The result of its probe, and how often it was probed. */
let health: Probe;
let asked: number;
let changes: string[];

beforeAll(async () => {
  bundle = await laneBundle();
});
afterAll(() => bundle.close());
beforeEach(async () => {
  await bundle.db.sql`delete from circuit_breakers`;
  account = `acme-${++tests}`;
  // A state is identified by the millisecond in which it began: no two here begin in the same one.
  await bundle.db.sql`
    insert into circuit_breakers (account, channel, changed_at) values (${account}, 'email', now() - interval '1 minute')`;
  health = { healthy: true };
  asked = 0;
  changes = [];
});

const accounts = (probed = true): ProviderAccount[] => [
  {
    id: account,
    order: 1,
    adapter: {
      provider: 'generic',
      channel: 'email',
      guarantee: 'A',
      serves: () => true,
      send: async () => ({ class: 'accepted', providerMessageId: 'x' }),
      ...(probed
        ? {
            probe: async () => {
              asked++;
              return health;
            },
          }
        : {}),
      close: async () => {},
    },
  },
];

/** A worker process that knows the account and has looked once. */
async function worker(probed = true): Promise<Breakers> {
  const { db, redis, namespace } = bundle;
  const breakers = createBreakers({
    sql: db.sql,
    counter: createBreakerCounter({ redis, namespace }),
    accounts: accounts(probed),
    onChange: ({ state }, { to, reason }) => changes.push(`${state} -> ${to}: ${reason}`),
    onError: (error) => {
      throw error;
    },
  });
  await look(breakers);
  return breakers;
}
const look = (...breakers: Breakers[]) => Promise.all(breakers.map((each) => each.duty.runOnce()));
const refused = (kind: 'transient' | 'misconfigured'): Outcome => ({
  class: kind,
  code: 'c',
  message: 'Acme refused the account.',
  phase: 'answered',
});
let messages = 0;
/** A call with a message of its own. */
const call = (breakers: Breakers, failedBefore = false) =>
  breakers.began(account, { id: `message-${++messages}`, failedBefore });
const fail = (breakers: Breakers, times: number) => {
  for (let n = 0; n < times; n++) call(breakers).ended(refused('transient'));
};
const row = async () => {
  const [found] = await bundle.db.sql<
    { state: string; channel: string; reason: string | null; seconds: number; due: boolean | null }[]
  >`
    select state, channel, reason, cool_down_seconds as seconds, probe_at <= now() + interval '5 s' as due
    from circuit_breakers where account = ${account}`;
  return found;
};
const open = async (seconds = 5) => {
  await bundle.db.sql`
    update circuit_breakers set state = 'open', reason = 'so', changed_at = now(), probe_at = now(),
      cool_down_seconds = ${seconds} where account = ${account}`;
};
const probing = () => probe({ sql: bundle.db.sql, accounts: accounts() });

test('a worker registers its accounts, closed, whenever they are missing', async () => {
  await bundle.db.sql`delete from circuit_breakers`;
  const breakers = await worker();
  expect(await row()).toMatchObject({ state: 'closed', channel: 'email' });
  await bundle.db.sql`delete from circuit_breakers`;
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed', channel: 'email' });
});

test('failures that are too few in each worker open it together, once, and all workers follow', async () => {
  const [a, b, c] = [await worker(), await worker(), await worker()];
  health = { healthy: false, why: 'Acme answered HTTP 503' };
  fail(a, 2);
  fail(b, 3);
  await look(a);
  await look(b);
  await until('all of them to follow', async () => {
    await look(a, b, c);
    return [a, b, c].every((each) => each.isOpen(account));
  });
  expect(changes).toEqual(['closed -> open: 5 messages in a row failed; asked: Acme answered HTTP 503']);
  expect(asked).toBe(1);
  expect(await row()).toMatchObject({ state: 'open', seconds: 5, due: true });
});

test('of several workers that see the same at once one makes the change', async () => {
  const workers = [await worker(), await worker(), await worker()];
  for (const each of workers) fail(each, 20);
  await look(...workers);
  expect(changes).toHaveLength(1);
});

test('a worker that starts during an outage sees the open breaker', async () => {
  await worker();
  await open();
  expect((await worker()).isOpen(account)).toBe(true);
});

test('one of several workers probes, and a healthy account is half-open', async () => {
  await worker();
  await open();
  const counts = await Promise.all([probing().runOnce(), probing().runOnce(), probing().runOnce()]);
  expect(counts.sort()).toEqual([0, 0, 1]);
  expect(asked).toBe(1);
  expect(await row()).toMatchObject({ state: 'half_open', reason: 'the probe found it healthy' });
});

test('an account that is not healthy is probed again after twice the time, and its reason keeps no times', async () => {
  await worker();
  await open(20);
  health = { healthy: false, why: 'Acme answered HTTP 503' };
  await probing().runOnce();
  const reason = 'so; probed since: Acme answered HTTP 503';
  expect(await row()).toMatchObject({ state: 'open', seconds: 40, due: false, reason });
  await bundle.db.sql`update circuit_breakers set probe_at = now()`;
  await probing().runOnce();
  // A minute at most.
  expect(await row()).toMatchObject({ seconds: 60, reason });
});

test('a breaker held by a person is not probed; released, it is probed at once', async () => {
  await worker();
  await open();
  await holdBreaker(bundle.db.sql, account, 'open', 'maintenance', 'key:1');
  expect(await probing().runOnce()).toBe(0);
  await releaseBreaker(bundle.db.sql, account, undefined, 'key:1');
  expect(await probing().runOnce()).toBe(1);
  expect(await row()).toMatchObject({ state: 'half_open' });
});

test('a breaker that a person held while it was probed keeps the state the person chose', async () => {
  await worker();
  await open();
  const slow = accounts();
  slow[0]!.adapter.probe = async () => {
    await holdBreaker(bundle.db.sql, account, 'open', 'maintenance', 'key:1');
    return { healthy: true };
  };
  await probe({ sql: bundle.db.sql, accounts: slow }).runOnce();
  expect(await row()).toMatchObject({ state: 'open', reason: 'maintenance' });
});

test('a breaker that is held in either state is neither probed nor moved', async () => {
  await worker();
  await open();
  const [seen] = await readBreakers(bundle.db.sql);
  await bundle.db.sql`update circuit_breakers set held_by = 'bench'`;
  expect(await probing().runOnce()).toBe(0);
  expect(await moveBreaker(bundle.db.sql, seen!, { to: 'half_open', reason: 'healthy' })).toBe(false);
  expect(await stayOpen(bundle.db.sql, seen!, 'not healthy', 10)).toBe(false);
});

test('a judgement of a state that is over moves nothing, also if the breaker is back in it', async () => {
  await worker();
  const [seen] = await readBreakers(bundle.db.sql);
  await bundle.db.sql`update circuit_breakers set changed_at = changed_at + interval '1 minute'`;
  const move = { to: 'open', reason: 'too late', coolDownSeconds: 5 } as const;
  expect(await moveBreaker(bundle.db.sql, seen!, move)).toBe(false);
  const [now] = await readBreakers(bundle.db.sql);
  expect(await moveBreaker(bundle.db.sql, now!, move)).toBe(true);
});

test('an account without a probe is half-open when it has cooled down', async () => {
  await worker(false);
  await open();
  await probe({ sql: bundle.db.sql, accounts: accounts(false) }).runOnce();
  expect(await row()).toMatchObject({ state: 'half_open', reason: 'cooled down' });
});

test('refused credentials open it at once, after a single call', async () => {
  const breakers = await worker();
  health = { healthy: false, why: 'Acme answered HTTP 401' };
  call(breakers).ended(refused('misconfigured'));
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: Acme answered HTTP 401']);
});

test('a refusal of one sender only does not stop other messages: the account itself is probed', async () => {
  const breakers = await worker();
  for (let n = 0; n < 40; n++) call(breakers).ended(refused('misconfigured'));
  await look(breakers);
  await until('the question', () => asked === 1);
  for (let n = 0; n < 40; n++) call(breakers).ended(refused('misconfigured'));
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed' });
});

test('an account without a probe counts as refused', async () => {
  const breakers = await worker(false);
  call(breakers).ended(refused('misconfigured'));
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: Acme refused the account.']);
});

const succeed = (breakers: Breakers, times: number) => {
  for (let n = 0; n < times; n++) call(breakers).ended({ class: 'accepted', providerMessageId: 'x' });
};

test('six poisoned messages among forty good ones, repeated again and again, leave a healthy account in use', async () => {
  const breakers = await worker();
  for (let n = 0; n < 6; n++) {
    succeed(breakers, 6);
    fail(breakers, 1);
  }
  succeed(breakers, 4);
  await look(breakers);
  await until('the question', () => asked === 1);
  for (let round = 0; round < 5; round++) {
    for (let n = 0; n < 6; n++) call(breakers, true).ended(refused('transient'));
    await look(breakers);
  }
  expect(await row()).toMatchObject({ state: 'closed' });
  expect(changes).toEqual([]);
});

test('five messages that fail where nothing else is sent put a healthy account on trial; good ones close it', async () => {
  const breakers = await worker();
  fail(breakers, 5);
  await until('the trial', async () => {
    await look(breakers);
    return breakers.standing('email') === 'trial';
  });
  expect(changes).toEqual([
    'closed -> half_open: 5 messages in a row failed, but the probe found it healthy',
  ]);
  call(breakers).ended(refused('transient'));
  succeed(breakers, 5);
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed' });
});

test('a provider that fails every message is abandoned although its probe is answered', async () => {
  const breakers = await worker();
  fail(breakers, 5);
  await until('it to be left', async () => {
    await look(breakers);
    if (breakers.standing('email') === 'trial') fail(breakers, 1);
    return breakers.isOpen(account);
  });
  expect(changes.at(-1)).toMatch(/^half_open -> open: \d+ trial calls failed$/);
});

test('a dead provider is abandoned although all its messages had been tried before', async () => {
  const breakers = await worker();
  health = { healthy: false, why: 'Acme did not answer' };
  fail(breakers, 2);
  for (let n = 0; n < 3; n++) call(breakers, true).ended(refused('transient'));
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: 5 calls in a row failed; asked: Acme did not answer']);
});

test('an account without a probe is abandoned when five messages in a row fail, not when some among others do', async () => {
  const breakers = await worker(false);
  for (let n = 0; n < 9; n++) {
    fail(breakers, 4);
    succeed(breakers, 5);
  }
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed' });
  await bundle.db.sql`update circuit_breakers set changed_at = now() where account = ${account}`;
  await look(breakers);
  fail(breakers, 5);
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: 5 messages in a row failed']);
});

test('repeats of doubts are refused by an open breaker, spaced on trial, and take no trial permit', async () => {
  const breakers = await worker();
  await open();
  await look(breakers);
  expect(breakers.admitsRepeat(account, 'd1', 0)).toMatchObject({ admitted: false, state: 'open' });
  await bundle.db.sql`update circuit_breakers set state = 'half_open', changed_at = now(), probe_at = null`;
  await look(breakers);
  expect(breakers.admitsRepeat(account, 'd1', 0)).toMatchObject({ admitted: true });
  expect(breakers.admitsRepeat(account, 'd2', 0)).toMatchObject({ admitted: false, state: 'half_open' });
  expect(breakers.admits(account, 'n1')).toEqual({ admitted: true, isTrial: true });
  breakers.began(account, { id: 'd1', failedBefore: true }).ended(refused('transient'));
  breakers.leftRepeat('d1');
  for (let n = 0; n < 3; n++) await look(breakers);
  expect(await row()).toMatchObject({ state: 'half_open' });
  expect(asked).toBe(0);
});

test('calls from before an outage do not delay its end', async () => {
  const breakers = await worker();
  const hanging = call(breakers);
  await bundle.db
    .sql`update circuit_breakers set state = 'half_open', changed_at = now() where account = ${account}`;
  await look(breakers);
  hanging.ended(refused('transient'));
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'half_open' });
  expect(breakers.admits(account, 'n1')).toEqual({ admitted: true, isTrial: true });
});
