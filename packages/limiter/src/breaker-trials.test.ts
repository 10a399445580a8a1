import { expect, test } from 'vitest';
import { createTrials } from './breaker-trials.ts';

test('one trial at a time until one has succeeded, then two', () => {
  const trials = createTrials();
  expect([trials.take('a', 'n1', 0), trials.take('a', 'n2', 1000)]).toEqual([true, false]);
  trials.learn('a', 'n1', 'success', 1500);
  expect([trials.take('a', 'n2', 2000), trials.take('a', 'n3', 3000)]).toEqual([true, false]);
  trials.leave('n1');
  expect(trials.take('a', 'n3', 4000)).toBe(true);
});

test('not more than five trials a second, however quickly they succeed', () => {
  const trials = createTrials();
  let taken = 0;
  for (let ms = 0; ms < 1000; ms += 10) {
    if (!trials.take('a', `n${ms}`, ms)) continue;
    taken++;
    trials.learn('a', `n${ms}`, 'success', ms);
    trials.leave(`n${ms}`);
  }
  expect(taken).toBe(5);
});

test('after a failed trial there is a pause in which the account is probed, whatever else succeeds', () => {
  const trials = createTrials();
  trials.take('a', 'n1', 0);
  trials.learn('a', 'n1', 'success', 100);
  trials.take('a', 'n2', 500);
  trials.learn('a', 'n1', 'failure', 1000);
  trials.leave('n1');
  trials.learn('a', 'n2', 'success', 1100);
  trials.leave('n2');
  expect(trials.take('a', 'n3', 5999)).toBe(false);
  expect(trials.take('a', 'n3', 6000)).toBe(true);
  trials.learn('a', 'n3', 'failure', 6000);
  trials.reset('a');
  expect(trials.take('a', 'n4', 6000)).toBe(true);
});

test('a message that fails again makes the next trial wait a second', () => {
  const trials = createTrials();
  trials.take('a', 'n1', 0);
  trials.learn('a', 'n1', 'failed_again', 500);
  trials.leave('n1');
  expect([trials.take('a', 'n2', 1499), trials.take('a', 'n2', 1500)]).toEqual([false, true]);
});

test('a trial call that hangs holds the next one up for five seconds at most', () => {
  const trials = createTrials();
  trials.take('a', 'n1', 0);
  expect([trials.take('a', 'n2', 4999), trials.take('a', 'n2', 5000)]).toEqual([false, true]);
});

test('a notification with a permit needs no second one, and accounts do not share theirs', () => {
  const trials = createTrials();
  expect(trials.take('a', 'n1', 0)).toBe(true);
  expect(trials.take('a', 'n1', 0)).toBe(true);
  expect(trials.take('b', 'n2', 0)).toBe(true);
});

test('a permit for another account gives the first one back', () => {
  const trials = createTrials();
  trials.take('a', 'n1', 0);
  expect(trials.take('b', 'n1', 0)).toBe(true);
  expect(trials.take('a', 'n2', 1000)).toBe(true);
  trials.leave('n1');
  expect(trials.take('b', 'n3', 1000)).toBe(true);
});

test('a delivery that was never on trial leaves nothing behind', () => {
  const trials = createTrials();
  trials.leave('n1');
  trials.learn('a', 'n1', 'failure', 0);
  expect(trials.take('a', 'n1', 0)).toBe(true);
  trials.leave('n1');
  trials.learn('a', 'a repeat', 'failed_again', 200);
  expect(trials.take('a', 'n2', 200)).toBe(true);
});
