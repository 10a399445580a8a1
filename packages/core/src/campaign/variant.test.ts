import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { armOf, type Division } from './variant.ts';

const CAMPAIGN = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const OTHER = 'a1b2c3d4-0000-4000-8000-000000000001';
const people = (n: number) => Array.from({ length: n }, (_, each) => `user_${each}`);

/** The statistic of a chi-squared test, to be compared with a bound for its degrees of freedom. */
function chiSquared(observed: readonly number[], expected: readonly number[]): number {
  return observed.reduce((sum, n, place) => sum + (n - expected[place]!) ** 2 / expected[place]!, 0);
}

const division: fc.Arbitrary<Division> = fc.record({
  weights: fc.array(fc.integer({ min: 1, max: 1000 }), { maxLength: 10 }),
  holdoutPercent: fc.integer({ min: 0, max: 50 }),
});

test('one person has one arm in a campaign, and it is one of those there are', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.string(), division, (campaign, person, division) => {
      const arm = armOf(campaign, person, division);
      expect(armOf(campaign, person, { ...division })).toBe(arm);
      if (arm === 'holdout') expect(division.holdoutPercent).toBeGreaterThan(0);
      else if (division.weights.length === 0) expect(arm).toBe(0);
      else expect(arm >= 1 && arm <= division.weights.length).toBe(true);
    }),
  );
});

test('arms of people stay as they were drawn by earlier releases', () => {
  const division = { weights: [1, 1, 2], holdoutPercent: 20 };
  expect(people(12).map((person) => armOf(CAMPAIGN, person, division))).toMatchInlineSnapshot(`
    [
      2,
      1,
      3,
      2,
      3,
      3,
      3,
      3,
      2,
      3,
      "holdout",
      2,
    ]
  `);
});

describe('people are divided', () => {
  test('by the weights and the holdout, within what chance does', () => {
    const division = { weights: [50, 30, 20], holdoutPercent: 10 };
    const observed = [0, 0, 0, 0];
    for (const person of people(50_000)) {
      const arm = armOf(CAMPAIGN, person, division);
      observed[arm === 'holdout' ? 0 : arm]! += 1;
    }
    // Three degrees of freedom: beyond 21.1 once in 10,000.
    expect(chiSquared(observed, [5_000, 22_500, 13_500, 9_000])).toBeLessThan(21.1);
  });

  test('of whom one in a hundred may be held out, or nobody', () => {
    const heldOut = (holdoutPercent: number) =>
      people(50_000).filter((each) => armOf(OTHER, each, { weights: [], holdoutPercent }) === 'holdout')
        .length;
    expect(heldOut(0)).toBe(0);
    // The standard deviation is 22.
    expect(Math.abs(heldOut(1) - 500)).toBeLessThan(88);
  });

  test('in two campaigns independently of each other', () => {
    const division = { weights: [1, 1], holdoutPercent: 0 };
    const observed = [0, 0, 0, 0];
    for (const person of people(40_000)) {
      const [here, there] = [armOf(CAMPAIGN, person, division), armOf(OTHER, person, division)];
      observed[(here === 1 ? 0 : 2) + (there === 1 ? 0 : 1)]! += 1;
    }
    expect(chiSquared(observed, [10_000, 10_000, 10_000, 10_000])).toBeLessThan(21.1);
  });

  test('into variants that have nothing to do with the holdout: a greater one moves nobody between variants', () => {
    for (const person of people(5_000)) {
      const [none, some, most] = [0, 10, 50].map((holdoutPercent) =>
        armOf(CAMPAIGN, person, { weights: [1, 2], holdoutPercent }),
      );
      if (some !== 'holdout') expect(some).toBe(none);
      if (most !== 'holdout') expect(most).toBe(none);
      if (some === 'holdout') expect(most).toBe('holdout');
    }
  });

  test('with a weight of 0 to nobody', () => {
    for (const person of people(2_000))
      expect(armOf(CAMPAIGN, person, { weights: [0, 1, 0], holdoutPercent: 0 })).toBe(2);
  });
});
