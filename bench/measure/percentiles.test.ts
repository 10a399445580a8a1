import { expect, test } from 'vitest';
import { median, percentile } from './percentiles.ts';

test('a percentile is one of the measured values, by rank and not by order of arrival', () => {
  const values = [5, 1, 4, 2, 3];
  expect(percentile(values, 0.5)).toBe(3);
  expect(percentile(values, 0.99)).toBe(5);
  expect(percentile(values, 0.2)).toBe(1);
  expect(values).toEqual([5, 1, 4, 2, 3]);
});

test('the median of an even number of runs is a figure that was measured', () => {
  expect(median([10, 20])).toBe(10);
  expect(median([])).toBeNaN();
});
