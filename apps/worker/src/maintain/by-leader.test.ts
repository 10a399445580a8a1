import { expect, test } from 'vitest';
import { byLeader } from './by-leader.ts';

test('the duty is done while this process leads, and told once when another one takes over', async () => {
  const answers = [true, true, false, false, true];
  const lead = { hold: async () => answers.shift()!, stop: async () => {} };
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
