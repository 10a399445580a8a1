import { expect, test } from 'vitest';
import { sharedAnswer } from './shared-answer.ts';

function answers(tookMs = 0) {
  let now = 0;
  let made = 0;
  const ask = sharedAnswer(
    async () => {
      now += tookMs;
      return ++made;
    },
    { forMs: 2_000, share: 0.02, now: () => now },
  );
  const pass = (ms: number): void => {
    now += ms;
  };
  return { ask, pass };
}

test('twenty who ask at once get one answer, and so does who asks within its time', async () => {
  const { ask, pass } = answers();
  expect(await Promise.all(Array.from({ length: 20 }, ask))).toEqual(Array.from({ length: 20 }, () => 1));
  pass(1_999);
  expect(await ask()).toBe(1);
  pass(1);
  expect(await ask()).toBe(2);
});

test('an answer that took long serves for longer: making them takes at most its share of the time', async () => {
  const { ask, pass } = answers(100);
  expect(await ask()).toBe(1);
  pass(4_999);
  expect(await ask()).toBe(1);
  pass(1);
  expect(await ask()).toBe(2);
});

test('a failure is passed on and not kept', async () => {
  let fails = true;
  const ask = sharedAnswer(async () => (fails ? Promise.reject(new Error('away')) : 'here'), {
    forMs: 2_000,
    share: 0.02,
  });
  await expect(Promise.all([ask(), ask()])).rejects.toThrow('away');
  fails = false;
  expect(await ask()).toBe('here');
});
