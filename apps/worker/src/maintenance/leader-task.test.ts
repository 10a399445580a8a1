import { expect, test } from 'vitest';
import { leaderTask } from './leader-task.ts';

test('the duty runs while this process leads, and another leader is reported once', async () => {
  const answers = [true, true, false, false, true];
  const lead = { hold: async () => answers.shift()!, leave: async () => {}, stop: async () => {} };
  let stoodDown = 0;
  const duty = leaderTask(lead, {
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

test('a leader that cannot do the duty gives the lease away, and reports the error', async () => {
  let left = 0;
  const lead = { hold: async () => true, leave: async () => void left++, stop: async () => {} };
  const duty = leaderTask(lead, {
    name: 'heavy',
    everyMs: 10,
    runOnce: async () => {
      throw new Error('PostgreSQL is away from here');
    },
  });
  await expect(duty.runOnce()).rejects.toThrow('PostgreSQL is away from here');
  expect(left).toBe(1);
});
