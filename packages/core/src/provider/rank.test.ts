import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Priority } from '../notification/priority.ts';
import type { Admission } from './admission.ts';
import {
  type CarriedMessage,
  fallbackAfter,
  pick,
  type RankedAccount,
  rank,
  withoutAccount,
} from './rank.ts';

const account = (id: string, over: Partial<RankedAccount> = {}): RankedAccount => ({
  id,
  order: 10,
  weight: 1,
  environments: ['live'],
  adapter: { serves: (message) => message.channel === 'sms' },
  ...over,
});
const sms = (to = '+15005550006', over: Partial<CarriedMessage> = {}): CarriedMessage => ({
  environment: 'live',
  message: { channel: 'sms', to, text: 'Hi' },
  ...over,
});
const ids = (accounts: readonly RankedAccount[]) => accounts.map(({ id }) => id);
const ranked = (accounts: RankedAccount[], message = sms(), tried: string[] | null = null, seed = 'n') =>
  ids(rank(accounts, message, tried, seed));

test('accounts of another environment, or that do not serve the number or the message, are not eligible', () => {
  const accounts = [
    account('test-only', { environments: ['test'] }),
    account('nigeria', { prefixes: ['+234', '+229'], order: 1 }),
    account('everywhere', { order: 2 }),
    account('other', { order: 3, adapter: { serves: () => false } }),
  ];
  expect(ranked(accounts, sms('+2348012345678'))).toEqual(['nigeria', 'everywhere']);
  expect(ranked(accounts, sms('+15005550006'))).toEqual(['everywhere']);
  expect(ranked([account('none', { prefixes: [] })])).toEqual([]);
});

test('a message pinned to an account goes through no other', () => {
  const accounts = [account('a'), account('b')];
  expect(ranked(accounts, sms(undefined, { account: 'b' }))).toEqual(['b']);
  expect(ranked(accounts, sms(undefined, { account: 'gone' }))).toEqual([]);
});

test('accounts of the same order share by weight, and a lower order always comes first', () => {
  const accounts = [
    account('first', { order: 1 }),
    account('heavy', { order: 5, weight: 3 }),
    account('light', { order: 5, weight: 1 }),
  ];
  const orders = Array.from({ length: 4000 }, (_, n) =>
    ranked(accounts, sms(), null, `00000000-0000-8000-8000-${String(n).padStart(12, '0')}`),
  );
  expect(new Set(orders.map(([first]) => first))).toEqual(new Set(['first']));
  const heavy = orders.filter(([, second]) => second === 'heavy').length;
  // 3,000 expected; six standard deviations are 165.
  expect(Math.abs(heavy - 3000)).toBeLessThan(165);
});

test('one message always gets the same order, and removing an account changes the order of no others', () => {
  fc.assert(
    fc.property(
      fc.uuid(),
      fc.uniqueArray(
        fc.record({ id: fc.stringMatching(/^[a-z]{1,8}$/), weight: fc.integer({ min: 1, max: 100 }) }),
        {
          selector: ({ id }) => id,
          minLength: 1,
          maxLength: 6,
        },
      ),
      (seed, given) => {
        const accounts = given.map(({ id, weight }) => account(id, { weight }));
        const all = ranked(accounts, sms(), null, seed);
        expect(ranked(accounts, sms(), null, seed)).toEqual(all);
        expect([...all].sort()).toEqual(ids(accounts).sort());
        const [, ...rest] = accounts;
        expect(ranked(rest, sms(), null, seed)).toEqual(all.filter((id) => id !== accounts[0]!.id));
      },
    ),
  );
});

test('accounts that were tried in this round come last, each in its order', () => {
  const accounts = [account('a', { order: 1 }), account('b', { order: 2 }), account('c', { order: 3 })];
  expect(ranked(accounts, sms(), ['a'])).toEqual(['b', 'c', 'a']);
  expect(ranked(accounts, sms(), ['b', 'a'])).toEqual(['c', 'a', 'b']);
  expect(ranked(accounts, sms(), ['gone', 'refused:a'])).toEqual(['a', 'b', 'c']);
});

const OPEN: Admission = { admitted: false, state: 'open', why: 'open', retryInMs: 4000 };
const FULL: Admission = { admitted: false, state: 'half_open', why: 'on trial', retryInMs: 500 };
const FREE: Admission = { admitted: true, isTrial: false };
const TRIAL: Admission = { admitted: true, isTrial: true };

/** Picks among accounts whose breakers answer so, in this order. */
function choose(breakers: Record<string, Admission>, over: { route?: string[]; priority?: Priority } = {}) {
  const asked: string[] = [];
  const picked = pick(
    Object.keys(breakers).map((id) => account(id)),
    ({ id }) => {
      asked.push(id);
      return breakers[id]!;
    },
  );
  const { route = ['sms'], priority = 'normal' } = over;
  const message = { environment: 'live', channel: 'sms', route: route as 'sms'[], priority } as const;
  const end = picked.account ? undefined : withoutAccount(message, picked.refusals, 0.5);
  return { account: picked.account?.id, isTrial: picked.isTrial, asked, end };
}

test('the first account whose breaker admits the message is called, and no later breaker is queried', () => {
  expect(choose({ a: OPEN, b: FREE, c: FREE })).toMatchObject({
    account: 'b',
    isTrial: false,
    asked: ['a', 'b'],
  });
  expect(choose({ a: TRIAL, b: FREE })).toMatchObject({ account: 'a', isTrial: true, asked: ['a'] });
});

test('where all are open the message waits until the earliest probe, and names its account', () => {
  const { end } = choose({ a: OPEN, b: { ...OPEN, why: 'b is open', retryInMs: 9000 } });
  expect(end).toEqual({ kind: 'unsent', retryInMs: 4500, reason: 'waits: open; b is open' });
});

test('a critical message takes the next channel at once if all breakers of its channel are open, others wait', () => {
  const route = ['sms', 'email'];
  const elsewhere = { kind: 'elsewhere', nextChannel: 'email', reason: 'open' };
  expect(choose({ a: OPEN }, { route, priority: 'critical' }).end).toEqual(elsewhere);
  expect(choose({ a: OPEN }, { route }).end).toMatchObject({ kind: 'unsent' });
  expect(choose({ a: OPEN }, { priority: 'critical' }).end).toMatchObject({ kind: 'unsent' });
});

test('a critical message waits briefly until a trial is free', () => {
  const { end } = choose({ a: OPEN, b: FULL }, { route: ['sms', 'email'], priority: 'critical' });
  expect(end).toMatchObject({ kind: 'unsent', retryInMs: 1000 });
});

test('without any account the message waits visibly for the operator, also a critical one', () => {
  const end = {
    kind: 'unsent',
    retryInMs: 60_000,
    reason: 'no live provider account can carry this sms message',
  };
  expect(choose({}).end).toEqual(end);
  expect(choose({}, { route: ['sms', 'email'], priority: 'critical' }).end).toEqual(end);
});

test('after a refusal the next account is one that was not tried and whose breaker is not open', () => {
  const left = (tried: string[] | null, open: string[]) =>
    fallbackAfter([{ id: 'a' }, { id: 'b' }, { id: 'c' }], 'a', tried, (id) => open.includes(id));
  expect(left(null, [])).toEqual({ others: ['b', 'c'], nextAccount: 'b' });
  expect(left(null, ['b'])).toEqual({ others: ['b', 'c'], nextAccount: 'c' });
  expect(left(['b'], ['c'])).toEqual({ others: ['b', 'c'], nextAccount: undefined });
});
