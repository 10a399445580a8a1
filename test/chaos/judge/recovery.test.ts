import { expect, test } from 'vitest';
import { findStuck, RECOVER_MS, type Recovery } from './recovery.ts';

const rulesOf = (seen: Partial<Recovery>) =>
  findStuck([{ program: 'worker', workedAfterMs: null, toldAfterMs: null, ...seen }]).map(({ rule }) => rule);

test('a program that works again in time is not a finding, whatever it reported', () => {
  expect(rulesOf({ workedAfterMs: RECOVER_MS })).toEqual([]);
  expect(rulesOf({ workedAfterMs: 20, toldAfterMs: 10 })).toEqual([]);
});

test.each([null, RECOVER_MS + 1])('one that works again after %s ms and says so in time is slow', (ms) => {
  expect(rulesOf({ workedAfterMs: ms, toldAfterMs: RECOVER_MS })).toEqual(['slow_recovery']);
});

test.each([null, RECOVER_MS + 1])('one that is stuck and says so after %s ms called itself healthy', (ms) => {
  expect(rulesOf({ toldAfterMs: ms })).toEqual(['slow_recovery', 'healthy_while_stuck']);
});
