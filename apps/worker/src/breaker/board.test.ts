import type { Breaker, BreakerState } from '@carillon/core/breaker';
import type { Channel } from '@carillon/core/channel';
import { expect, test } from 'vitest';
import { createBoard } from './board.ts';

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
/** What the two e-mail accounts leave of the channel. */
const standing = (a: BreakerState, b: BreakerState) => {
  const board = createBoard(() => accounts);
  board.set([row('a', a), row('b', b), row('c', 'open')]);
  return board.standing('email');
};

test('a channel is free while one account takes calls, closed off only when all are open', () => {
  expect(standing('open', 'closed')).toBe('free');
  expect(standing('half_open', 'closed')).toBe('free');
  expect(standing('open', 'half_open')).toBe('trial');
  expect(standing('open', 'open')).toBe('none');
});

test('an account nobody has heard of is taken for good', () => {
  const board = createBoard(() => accounts);
  expect(board.standing('email')).toBe('free');
  board.set([row('a', 'open')]);
  expect(board.standing('email')).toBe('free');
});

test('a channel whose last account is taken away is nobody’s outage', () => {
  let live = accounts;
  const board = createBoard(() => live);
  board.set([row('c', 'open')]);
  expect(board.standing('sms')).toBe('none');
  live = accounts.slice(0, 2);
  board.set([row('c', 'open')]);
  expect(board.standing('sms')).toBe('free');
});

test('only what has changed is told, and nothing of accounts of other workers', () => {
  const board = createBoard(() => accounts);
  const told = (rows: Breaker[]) => board.set(rows).map(({ account }) => account);
  expect(told([row('a', 'closed'), row('stranger', 'open')])).toEqual(['a']);
  expect(told([row('a', 'closed')])).toEqual([]);
  expect(told([row('a', 'open')])).toEqual(['a']);
  expect(told([row('a', 'open', 2)])).toEqual(['a']);
});
