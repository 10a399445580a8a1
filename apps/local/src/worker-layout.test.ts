import { expect, test } from 'vitest';
import { layoutWatch } from './worker-layout.ts';

test('one process runs until it has been busy for two seconds without a break', () => {
  const watch = layoutWatch('single');
  expect(watch.look([0.9], 0)).toBe('single');
  expect(watch.look([0.9], 1_000)).toBe('single');
  expect(watch.look([0.4], 1_500)).toBe('single');
  expect(watch.look([0.9], 2_000)).toBe('single');
  expect(watch.look([0.9], 3_999)).toBe('single');
  expect(watch.look([0.9], 4_000)).toBe('separate');
});

test('separate processes run until all of them together have been calm for five minutes', () => {
  const watch = layoutWatch('separate');
  expect(watch.look([0.05, 0.1, 0.05], 0)).toBe('separate');
  expect(watch.look([0.05, 0.3, 0.05], 200_000)).toBe('separate');
  expect(watch.look([0.05, 0.1, 0.05], 250_000)).toBe('separate');
  expect(watch.look([0.05, 0.1, 0.05], 549_999)).toBe('separate');
  expect(watch.look([0.05, 0.1, 0.05], 550_000)).toBe('single');
});

test('after a change the other rule applies from the start', () => {
  const watch = layoutWatch('single');
  watch.look([1], 0);
  expect(watch.look([1], 2_000)).toBe('separate');
  expect(watch.look([0, 0, 0], 2_001)).toBe('separate');
  expect(watch.look([0, 0, 0], 302_001)).toBe('single');
});
