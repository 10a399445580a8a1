import type { Outcome } from '@carillon/core/outcome';
import { moveBreaker } from '@carillon/db/queries/breaker-move';
import { readBreakers } from '@carillon/db/queries/breaker-read';
import { stayOpen } from '@carillon/db/queries/breaker-stay-open';
import { holdBreaker } from '@carillon/db/queries/hold-breaker';
import { releaseBreaker } from '@carillon/db/queries/release-breaker';
import { createBreakerCounter } from '@carillon/providers/breaker-counts';
import type { Probe, ProviderAccount } from '@carillon/providers/contract';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type LaneBundle, laneBundle } from '../../../../test/support/lanes.ts';
import { until } from '../../../../test/support/until.ts';
import { probe } from '../maintain/probe.ts';
import { type Breakers, createBreakers } from './breakers.ts';

let bundle: LaneBundle;
/** Each test's account has a name of its own. */
let account: string;
let tests = 0;
/** What a probe of it finds, and how often it was asked. */
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
  // A state is known by the millisecond in which it began: none here begins in the same one as another.
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
const fail = (breakers: Breakers, times: number) => {
  for (let n = 0; n < times; n++) breakers.began(account).ended(refused('transient'));
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

test('a worker enters its accounts, closed, whenever they are missing', async () => {
  await bundle.db.sql`delete from circuit_breakers`;
  const breakers = await worker();
  expect(await row()).toMatchObject({ state: 'closed', channel: 'email' });
  await bundle.db.sql`delete from circuit_breakers`;
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed', channel: 'email' });
});

test('failures that no worker alone would open it for open it together, once, and all of them follow', async () => {
  const [a, b, c] = [await worker(), await worker(), await worker()];
  fail(a, 2);
  fail(b, 3);
  await look(a);
  await look(b);
  await look(a, b, c);
  expect([a, b, c].map((each) => each.isOpen(account))).toEqual([true, true, true]);
  expect(changes).toEqual(['closed -> open: 5 calls in a row failed']);
  expect(await row()).toMatchObject({ state: 'open', seconds: 5, due: true });
});

test('of several workers that see the same at once one makes the change', async () => {
  const workers = [await worker(), await worker(), await worker()];
  for (const each of workers) fail(each, 9);
  await look(...workers);
  expect(changes).toHaveLength(1);
});

test('a worker that starts during an outage knows it', async () => {
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

test('what a person holds is not probed; released, it is probed at once', async () => {
  await worker();
  await open();
  await holdBreaker(bundle.db.sql, account, 'open', 'maintenance', 'key:1');
  expect(await probing().runOnce()).toBe(0);
  await releaseBreaker(bundle.db.sql, account, undefined, 'key:1');
  expect(await probing().runOnce()).toBe(1);
  expect(await row()).toMatchObject({ state: 'half_open' });
});

test('a breaker that a person took hold of while it was probed stays where it was put', async () => {
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

test('a breaker that is held in whatever way is neither probed nor moved', async () => {
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

test('an account that cannot be asked is half-open when it has cooled down', async () => {
  await worker(false);
  await open();
  await probe({ sql: bundle.db.sql, accounts: accounts(false) }).runOnce();
  expect(await row()).toMatchObject({ state: 'half_open', reason: 'cooled down' });
});

test('refused credentials open it at once, after a single call', async () => {
  const breakers = await worker();
  health = { healthy: false, why: 'Acme answered HTTP 401' };
  breakers.began(account).ended(refused('misconfigured'));
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: Acme answered HTTP 401']);
});

test('what only one sender is refused for stops nobody: the account itself is asked', async () => {
  const breakers = await worker();
  for (let n = 0; n < 40; n++) breakers.began(account).ended(refused('misconfigured'));
  await look(breakers);
  await until('the question', () => asked === 1);
  for (let n = 0; n < 40; n++) breakers.began(account).ended(refused('misconfigured'));
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'closed' });
});

test('an account that cannot be asked is believed to be refused', async () => {
  const breakers = await worker(false);
  breakers.began(account).ended(refused('misconfigured'));
  await look(breakers);
  await until('it to open', () => breakers.isOpen(account));
  expect(changes).toEqual(['closed -> open: Acme refused the account.']);
});

test('calls from before an outage do not fail its end', async () => {
  const breakers = await worker();
  const hanging = breakers.began(account);
  await bundle.db
    .sql`update circuit_breakers set state = 'half_open', changed_at = now() where account = ${account}`;
  await look(breakers);
  hanging.ended(refused('transient'));
  await look(breakers);
  expect(await row()).toMatchObject({ state: 'half_open' });
  expect(breakers.admits(account, 'n1')).toEqual({ admitted: true, isTrial: true });
});
