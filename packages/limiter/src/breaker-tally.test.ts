import type { Outcome } from '@carillon/core/provider/outcome';
import { expect, test } from 'vitest';
import { Tally } from './breaker-tally.ts';

const ACCEPTED: Outcome = { class: 'accepted', providerMessageId: 'x' };
const refused = (kind: 'in_doubt' | 'throttled' | 'misconfigured'): Outcome => ({
  class: kind,
  code: 'c',
  message: `${kind}!`,
  phase: 'answered',
});

/** A tally in its first period, and calls with a given duration. */
function tally() {
  const made = new Tally();
  made.enter(1);
  const call = (outcome: Outcome, at = 0, tookMs = 10) => made.began(at).ended(outcome, at + tookMs);
  return { tally: made, call };
}

test('counts the outcomes of calls, over the last 30 seconds and the last 3', () => {
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
    again: 0,
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

test('a late answer takes the failure back, and calls get that much time from then on', () => {
  const { tally: t } = tally();
  const late = t.began(0);
  expect(t.take(3000)).toMatchObject({ bad: 1 });
  late.ended(ACCEPTED, 5000);
  expect(t.take(5000)).toMatchObject({ good: 1, bad: -1, succeeded: true, inARow: 0 });
  expect(t.counts(5000)).toMatchObject({ failures: 0, successes: 1 });
  t.began(6000);
  expect(t.take(6000 + 4999)).toMatchObject({ bad: 0 });
});

test('a success ends the failures in a row, and failures before and after it are distinguished', () => {
  const { tally: t, call } = tally();
  call(refused('in_doubt'));
  call(ACCEPTED);
  call(refused('in_doubt'));
  call(refused('in_doubt'));
  expect(t.take(100)).toMatchObject({ good: 1, bad: 3, succeeded: true, inARow: 2 });
});

test('a message that fails again is not counted among the messages, its success is', () => {
  const { tally: t } = tally();
  const again = (outcome: Outcome, at: number) => t.began(at, true).ended(outcome, at);
  expect(again(refused('in_doubt'), 0)).toBe('failed_again');
  again(refused('in_doubt'), 10);
  expect(t.counts(20)).toMatchObject({ calls: 0, failures: 0, inARow: 0, again: 2 });
  expect(t.take(20)).toMatchObject({ good: 0, bad: 0, inARow: 0, again: 2 });
  again(ACCEPTED, 30);
  expect(t.counts(40)).toMatchObject({ calls: 1, failures: 0, again: 0, successes: 1 });
  t.began(100, true);
  expect(t.take(4000)).toMatchObject({ bad: 0, again: 1 });
});

test('calls that hang while their neighbours are accepted are failures of the window, but no collapse when traffic ends', () => {
  const { tally: t } = tally();
  for (let n = 0; n < 6; n++) t.began(n);
  for (let n = 0; n < 40; n++) t.began(10 + n).ended(ACCEPTED, 100);
  expect(t.take(3500)).toMatchObject({ good: 40, bad: 0, overtaken: 6, inARow: 0 });
  expect(t.counts(3500)).toMatchObject({ calls: 46, failures: 6, recentFailures: 0, inARow: 0 });
});

test('a call that began after the last acceptance and hangs is a collapse', () => {
  const { tally: t } = tally();
  for (let n = 0; n < 40; n++) t.began(n).ended(ACCEPTED, 50);
  for (let n = 0; n < 6; n++) t.began(60 + n);
  expect(t.take(3500)).toMatchObject({ bad: 6, overtaken: 0, inARow: 6 });
});

test('a call from before the breaker changed is no evidence about its new state', () => {
  const { tally: t } = tally();
  const early = t.began(0);
  t.enter(2);
  expect(early.ended(refused('in_doubt'), 5000)).toBe('nothing');
  expect(t.take(6000)).toMatchObject({ bad: 0 });
  expect(t.counts(6000)).toMatchObject({ calls: 0, inARow: 0 });
});

test('reports of an older state change nothing', () => {
  const { tally: t, call } = tally();
  t.enter(7);
  call(refused('in_doubt'));
  t.enter(3);
  expect(t.counts(100)).toMatchObject({ failures: 1 });
});

test('a refused account is a suspicion, reported once; a limit is nothing', () => {
  const { tally: t, call } = tally();
  call(refused('throttled'));
  expect(t.isBusy(100)).toBe(false);
  call(refused('misconfigured'));
  expect(t.isBusy(100)).toBe(true);
  expect(t.suspicion()).toBe('misconfigured!');
  expect(t.suspicion()).toBeNull();
  expect(t.counts(100)).toMatchObject({ calls: 0 });
});
