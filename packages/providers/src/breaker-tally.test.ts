import type { Outcome } from '@carillon/core/outcome';
import { expect, test } from 'vitest';
import { Tally } from './breaker-tally.ts';

const ACCEPTED: Outcome = { class: 'accepted', providerMessageId: 'x' };
const refused = (kind: 'in_doubt' | 'throttled' | 'misconfigured'): Outcome => ({
  class: kind,
  code: 'c',
  message: `${kind}!`,
  phase: 'answered',
});

/** A tally in its first period, and calls that take as long as they are told. */
function tally() {
  const made = new Tally();
  made.enter(1);
  const call = (outcome: Outcome, at = 0, tookMs = 10) => made.began(at).ended(outcome, at + tookMs);
  return { tally: made, call };
}

test('counts what calls came to, over the last 30 seconds and the last 3', () => {
  const { tally: t, call } = tally();
  call(ACCEPTED, 0);
  call(refused('in_doubt'), 1000);
  for (const at of [28_000, 28_100]) call(refused('in_doubt'), at);
  expect(t.counts(29_000)).toEqual({
    calls: 4,
    failures: 3,
    recentCalls: 2,
    recentFailures: 2,
    inARow: 3,
    successes: 1,
  });
  expect(t.counts(31_500)).toMatchObject({ calls: 2, failures: 2, recentCalls: 0 });
});

test('a call that hangs counts as failed while it is still unanswered', () => {
  const { tally: t } = tally();
  t.began(0);
  t.began(1000);
  expect(t.take(2999)).toMatchObject({ bad: 0 });
  expect(t.take(3000)).toMatchObject({ bad: 1, inARow: 1 });
  expect(t.take(3500)).toMatchObject({ bad: 0 });
  expect(t.take(4000)).toMatchObject({ bad: 1 });
});

test('a hanging call that fails in the end is one failure, not two', () => {
  const { tally: t } = tally();
  const hanging = t.began(0);
  t.take(3000);
  hanging.ended(refused('in_doubt'), 10_000);
  expect(t.take(10_000)).toMatchObject({ good: 0, bad: 0 });
});

test('a late answer takes the failure back, and calls are given as long from then on', () => {
  const { tally: t } = tally();
  const late = t.began(0);
  expect(t.take(3000)).toMatchObject({ bad: 1 });
  late.ended(ACCEPTED, 5000);
  expect(t.take(5000)).toEqual({ good: 1, bad: -1, succeeded: true, inARow: 0 });
  expect(t.counts(5000)).toMatchObject({ failures: 0, successes: 1 });
  t.began(6000);
  expect(t.take(6000 + 4999)).toMatchObject({ bad: 0 });
});

test('a success ends the failures in a row, before and after it they are told apart', () => {
  const { tally: t, call } = tally();
  call(refused('in_doubt'));
  call(ACCEPTED);
  call(refused('in_doubt'));
  call(refused('in_doubt'));
  expect(t.take(100)).toEqual({ good: 1, bad: 3, succeeded: true, inARow: 2 });
});

test('a call from before the breaker changed says nothing about its new state', () => {
  const { tally: t } = tally();
  const early = t.began(0);
  t.enter(2);
  expect(early.ended(refused('in_doubt'), 5000)).toBe('nothing');
  expect(t.take(6000)).toMatchObject({ bad: 0 });
  expect(t.counts(6000)).toMatchObject({ calls: 0, inARow: 0 });
});

test('news of an older state change nothing', () => {
  const { tally: t, call } = tally();
  t.enter(7);
  call(refused('in_doubt'));
  t.enter(3);
  expect(t.counts(100)).toMatchObject({ failures: 1 });
});

test('a refused account is a suspicion, told once; a limit is nothing', () => {
  const { tally: t, call } = tally();
  call(refused('throttled'));
  expect(t.isBusy(100)).toBe(false);
  call(refused('misconfigured'));
  expect(t.isBusy(100)).toBe(true);
  expect(t.suspicion()).toBe('misconfigured!');
  expect(t.suspicion()).toBeNull();
  expect(t.counts(100)).toMatchObject({ calls: 0 });
});
