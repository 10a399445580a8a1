import fc from 'fast-check';
import { expect, test } from 'vitest';
import { shareOf } from './rate-share.ts';

const demand = fc.double({ min: 0, max: 1e5, noNaN: true });

test('the shares of all processes add up to the limit for any demand', () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1, max: 1e5, noNaN: true }),
      fc.array(demand, { minLength: 1, maxLength: 8 }),
      (limit, demands) => {
        const total = demands
          .map((mine, index) => shareOf(limit, mine, demands.toSpliced(index, 1)))
          .reduce((sum, share) => sum + share, 0);
        expect(total).toBeCloseTo(limit, 3);
      },
    ),
  );
});

test('no process gets less than its demand while another gets more than an even share', () => {
  expect(shareOf(100, 10, [1_000])).toBe(10);
  expect(shareOf(100, 1_000, [10])).toBe(90);
  expect(shareOf(90, 500, [500, 500])).toBe(30);
});

test('a single process has the whole limit', () => {
  expect(shareOf(100, 0, [])).toBe(100);
  expect(shareOf(100, 5_000, [])).toBe(100);
});
