import type { SmsMessage } from '@carillon/core/message';
import type { RegisteredAccount } from '@carillon/providers/registry';
import { expect, test } from 'vitest';
import { ableAccounts } from './able-accounts.ts';
import type { Claimed } from './steps.ts';

const account = (id: string, over: Partial<RegisteredAccount> = {}): RegisteredAccount => ({
  id,
  order: 10,
  weight: 1,
  environments: ['live'],
  adapter: {
    provider: 'twilio',
    channel: 'sms',
    guarantee: 'B',
    serves: (message) => message.channel === 'sms',
    send: async () => ({ class: 'accepted', providerMessageId: 'x' }),
    close: async () => {},
  },
  ...over,
});
const claimed = (over: object = {}) => ({ environment: 'live', options: null, ...over }) as Claimed;
const sms = (to: string): SmsMessage => ({ channel: 'sms', to, text: 'Hi' });
const ids = (accounts: readonly RegisteredAccount[]) => accounts.map(({ id }) => id);

test('accounts of another environment, or that do not serve the number, are not there', () => {
  const able = ableAccounts([
    account('test-only', { environments: ['test'] }),
    account('nigeria', { prefixes: ['+234'], order: 1 }),
    account('everywhere', { order: 2 }),
  ]);
  expect(ids(able(claimed(), sms('+2348012345678')))).toEqual(['nigeria', 'everywhere']);
  expect(ids(able(claimed(), sms('+15005550006')))).toEqual(['everywhere']);
});

test('accounts of the same order share by weight, and a lower order always comes first', () => {
  const able = ableAccounts([
    account('first', { order: 1 }),
    account('heavy', { order: 5, weight: 3 }),
    account('light', { order: 5, weight: 1 }),
  ]);
  const seconds = Array.from({ length: 4000 }, () => ids(able(claimed(), sms('+15005550006'))));
  expect(new Set(seconds.map(([first]) => first))).toEqual(new Set(['first']));
  const heavy = seconds.filter(([, second]) => second === 'heavy').length;
  // 3,000 expected; six standard deviations are 165.
  expect(Math.abs(heavy - 3000)).toBeLessThan(165);
});

test('a message pinned to an account goes through no other', () => {
  const able = ableAccounts([account('a'), account('b')]);
  expect(ids(able(claimed({ options: { account: 'b' } }), sms('+15005550006')))).toEqual(['b']);
  expect(ids(able(claimed({ options: { account: 'gone' } }), sms('+15005550006')))).toEqual([]);
});

test('an account that comes while the process runs is used from then on', () => {
  const live: RegisteredAccount[] = [];
  const able = ableAccounts(live);
  expect(able(claimed(), sms('+15005550006'))).toEqual([]);
  live.push(account('new'));
  expect(ids(able(claimed(), sms('+15005550006')))).toEqual(['new']);
});
