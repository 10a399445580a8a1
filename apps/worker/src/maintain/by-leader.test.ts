import { expect, test } from 'vitest';
import { byLeader } from './by-leader.ts';

test('the duty is done while this process leads, and told once when another one takes over', async () => {
  const answers = [true, true, false, false, true];
  const lead = { hold: async () => answers.shift()!, leave: async () => {}, stop: async () => {} };
  let stoodDown = 0;
  const duty = byLeader(lead, {
    name: 'heavy',
    everyMs: 10,
    restTimes: 20,
    runOnce: async () => 7,
    standDown: () => stoodDown++,
  });
  const turn = async () => [await duty.runOnce(), stoodDown];
  expect(await turn()).toEqual([7, 0]);
  expect(await turn()).toEqual([7, 0]);
  expect(await turn()).toEqual([0, 1]);
  expect(await turn()).toEqual([0, 1]);
  expect(await turn()).toEqual([7, 1]);
  expect(duty).toMatchObject({ name: 'heavy', everyMs: 10, restTimes: 20 });
});

test('who leads and cannot do the duty gives the lead away, and says what was wrong', async () => {
  let left = 0;
  const lead = { hold: async () => true, leave: async () => void left++, stop: async () => {} };
  const duty = byLeader(lead, {
    name: 'heavy',
    everyMs: 10,
    runOnce: async () => {
      throw new Error('PostgreSQL is away from here');
    },
  });
  await expect(duty.runOnce()).rejects.toThrow('PostgreSQL is away from here');
  expect(left).toBe(1);
});
