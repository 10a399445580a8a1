import type { Channel } from '@carillon/core/notification/channel';
import type { Breaker, BreakerState } from '@carillon/core/provider/breaker';
import { expect, test } from 'vitest';
import { createKnownBreakers } from './known-breakers.ts';

const row = (account: string, state: BreakerState, changedAt = 1): Breaker => ({
  account,
  state,
  heldBy: null,
  reason: null,
  changedAt: new Date(changedAt),
  probeAt: null,
  coolDownSeconds: 0,
});
const accounts: { id: string; channel: Channel }[] = [
  { id: 'a', channel: 'email' },
  { id: 'b', channel: 'email' },
  { id: 'c', channel: 'sms' },
];
/** The effect of the two e-mail accounts on the channel. */
const standing = (a: BreakerState, b: BreakerState) => {
  const knownBreakers = createKnownBreakers(() => accounts);
  knownBreakers.set([row('a', a), row('b', b), row('c', 'open')]);
  return knownBreakers.standing('email');
};

test('a channel is free while one account takes calls, blocked only when all are open', () => {
  expect(standing('open', 'closed')).toBe('free');
  expect(standing('half_open', 'closed')).toBe('free');
  expect(standing('open', 'half_open')).toBe('trial');
  expect(standing('open', 'open')).toBe('none');
});

test('an account without a known state counts as closed', () => {
  const knownBreakers = createKnownBreakers(() => accounts);
  expect(knownBreakers.standing('email')).toBe('free');
  knownBreakers.set([row('a', 'open')]);
  expect(knownBreakers.standing('email')).toBe('free');
});

test('a channel whose last account is removed does not count as an outage', () => {
  let live = accounts;
  const knownBreakers = createKnownBreakers(() => live);
  knownBreakers.set([row('c', 'open')]);
  expect(knownBreakers.standing('sms')).toBe('none');
  live = accounts.slice(0, 2);
  knownBreakers.set([row('c', 'open')]);
  expect(knownBreakers.standing('sms')).toBe('free');
});

test('only changes are reported, and none of accounts of other workers', () => {
  const knownBreakers = createKnownBreakers(() => accounts);
  const changedAccounts = (rows: Breaker[]) => knownBreakers.set(rows).map(({ account }) => account);
  expect(changedAccounts([row('a', 'closed'), row('stranger', 'open')])).toEqual(['a']);
  expect(changedAccounts([row('a', 'closed')])).toEqual([]);
  expect(changedAccounts([row('a', 'open')])).toEqual(['a']);
  expect(changedAccounts([row('a', 'open', 2)])).toEqual(['a']);
});
