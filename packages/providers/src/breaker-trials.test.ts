import { expect, test } from 'vitest';
import { createTrials } from './breaker-trials.ts';

test('one trial at a time until one has succeeded, then two', () => {
  const trials = createTrials();
  expect([trials.take('a', 'n1', 0), trials.take('a', 'n2', 1000)]).toEqual([true, false]);
  trials.learn('a', 'success');
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
    trials.learn('a', 'success');
    trials.leave(`n${ms}`);
  }
  expect(taken).toBe(5);
});

test('after a failed trial there is none before the breaker has changed again', () => {
  const trials = createTrials();
  trials.take('a', 'n1', 0);
  trials.learn('a', 'failure');
  trials.leave('n1');
  expect(trials.take('a', 'n2', 60_000)).toBe(false);
  trials.learn('a', 'success');
  expect(trials.take('a', 'n2', 60_000)).toBe(false);
  trials.reset('a');
  expect(trials.take('a', 'n2', 60_000)).toBe(true);
});

test('who holds a permit needs no second one, and accounts do not share theirs', () => {
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
  trials.learn('a', 'failure');
  expect(trials.take('a', 'n1', 0)).toBe(true);
});
