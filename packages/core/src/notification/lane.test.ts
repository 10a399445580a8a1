import { expect, test } from 'vitest';
import { CHANNELS } from './channel.ts';
import { LANES, laneOf, lanesOf, partsOf } from './lane.ts';
import { PRIORITIES } from './priority.ts';

test('there is one lane per channel and priority, the most urgent first', () => {
  expect(LANES).toHaveLength(CHANNELS.length * PRIORITIES.length);
  expect(new Set(LANES).size).toBe(12);
  expect(LANES.slice(0, 4).every((lane) => lane.endsWith('-critical'))).toBe(true);
});

test('a lane’s name gives its channel and priority', () => {
  for (const lane of LANES) {
    const { channel, priority } = partsOf(lane);
    expect(laneOf(channel, priority)).toBe(lane);
  }
});

test('a worker of some priorities serves exactly their lanes', () => {
  expect(lanesOf(['normal', 'bulk'])).toHaveLength(8);
  expect(lanesOf(['critical'])).toEqual([
    'email-critical',
    'sms-critical',
    'push-critical',
    'in_app-critical',
  ]);
});
