import { expect, test } from 'vitest';
import { addBuckets, bucketOf, bucketsFrom, LAST_BUCKET, percentile } from './durations.ts';

const counted = (durations: readonly number[]) =>
  bucketsFrom(durations.map((ms) => ({ bucket: bucketOf(ms), count: 1 })));

test('a percentile of the buckets is at most 10 % off the percentile of the durations', () => {
  for (const ms of [2, 3.7, 12, 40, 99, 100, 250, 1_000, 5_300, 60_000, 3_600_000, 86_400_000]) {
    const read = percentile(counted([ms]), 0.5)!;
    expect(Math.abs(read - ms) / ms, `${ms} ms`).toBeLessThanOrEqual(0.1);
  }
});

test('p50 and p99 of many durations', () => {
  const durations = Array.from({ length: 1_000 }, (_, k) => k + 1);
  const buckets = counted(durations);
  expect(percentile(buckets, 0.5)! / 500).toBeCloseTo(1, 0);
  expect(percentile(buckets, 0.99)! / 990).toBeCloseTo(1, 0);
  expect(percentile(buckets, 0)!).toBe(1);
  expect(percentile(buckets, 1)! / 1_000).toBeCloseTo(1, 0);
});

test('what two processes or minutes counted is added up bucket by bucket', () => {
  const both = addBuckets(counted([1, 50]), counted([50, 9_000]));
  expect(both).toEqual(counted([1, 50, 50, 9_000]));
  expect(addBuckets([], [1, 2])).toEqual([1, 2]);
});

test('nothing counted has no percentile; a clock that went back counts as no time; years count as the last bucket', () => {
  expect(percentile([], 0.5)).toBeNull();
  expect(percentile([0, 0], 0.99)).toBeNull();
  expect(bucketOf(-5)).toBe(0);
  expect(bucketOf(Number.NaN)).toBe(0);
  expect(bucketOf(1e15)).toBe(LAST_BUCKET);
});
