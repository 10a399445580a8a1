import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Bucket, endsAt, FILL_EVERY_MS, fillBucket, selfPause, sliceWindow, spend } from './window.ts';

describe('the window of slices', () => {
  test('is 4,000 at first, then 4 seconds of the rate, from 2,000 to 50,000', () => {
    expect([null, 0, 100, 500, 1_234.56, 12_500, 99_999, Number.POSITIVE_INFINITY].map(sliceWindow)).toEqual([
      4_000, 2_000, 2_000, 2_000, 4_938, 50_000, 50_000, 4_000,
    ]);
  });
});

const START = 1_800_000_000_000;
const EMPTY: Bucket = { tokens: 0, filledAtMs: null };

/** Spends all that is allowed, looking every so often. @returns the times and numbers of messages. */
function run(
  looks: readonly number[],
  throttleAt: (ms: number) => number,
  wantedAt = (_: number) => Infinity,
) {
  let bucket = EMPTY;
  const sent: { at: number; n: number }[] = [];
  let at = START;
  for (const wait of looks) {
    at += wait;
    bucket = fillBucket(bucket, throttleAt(at - START), at);
    const spent = spend(bucket, wantedAt(at - START));
    bucket = spent.bucket;
    if (spent.allowed > 0) sent.push({ at, n: spent.allowed });
  }
  return { sent, total: sent.reduce((sum, { n }) => sum + n, 0) };
}
const every = (ms: number, forMs: number) => Array.from({ length: Math.floor(forMs / ms) }, () => ms);

describe('a throttle', () => {
  test('is filled every five seconds with a twelfth of a minute, and not before', () => {
    const first = fillBucket(EMPTY, 6_000, START);
    expect(first).toEqual({ tokens: 500, filledAtMs: START });
    const { allowed, bucket } = spend(first, 300);
    expect([allowed, bucket.tokens]).toEqual([300, 200]);
    expect(fillBucket(bucket, 6_000, START + FILL_EVERY_MS - 1)).toBe(bucket);
    // What was not used is lost: no burst.
    expect(fillBucket(bucket, 6_000, START + FILL_EVERY_MS)).toEqual({
      tokens: 500,
      filledAtMs: START + 5_000,
    });
    expect(fillBucket(bucket, 6_000, START + 3_600_000).tokens).toBe(500);
  });

  test('keeps its beat though it is looked at late', () => {
    const late = fillBucket({ tokens: 0, filledAtMs: START }, 60, START + 12_345);
    expect(late).toEqual({ tokens: 5, filledAtMs: START + 10_000 });
  });

  test('that is changed counts from the next fill on', () => {
    const { sent } = run(every(1_000, 20_000), (ms) => (ms < 7_000 ? 1_200 : 12_000));
    expect(sent.map(({ at, n }) => [at - START, n])).toEqual([
      [1_000, 100],
      [6_000, 100],
      [11_000, 1_000],
      [16_000, 1_000],
    ]);
  });

  test.each([1, 7, 11, 12, 13, 18, 31, 100, 6_001])('of %i a minute is that over an hour', (perMinute) => {
    const { total } = run(every(1_000, 3_600_000), () => perMinute);
    expect(Math.abs(total - perMinute * 60)).toBeLessThanOrEqual(Math.ceil(perMinute / 12));
  });

  test('never lets out more than one fill in a burst, nor more than its rate over any time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 100_000 }),
        fc.array(fc.integer({ min: 1, max: 20_000 }), { maxLength: 60 }),
        fc.array(fc.integer({ min: 0, max: 10_000 }), { minLength: 1, maxLength: 10 }),
        (perMinute, looks, wanted) => {
          let turn = 0;
          const { sent } = run(
            looks,
            () => perMinute,
            () => wanted[turn++ % wanted.length]!,
          );
          const fill = perMinute / 12;
          for (const [from, first] of sent.entries()) {
            let n = 0;
            for (const each of sent.slice(from)) {
              n += each.n;
              // The fills that can lie in this time, and less than one message carried over.
              const fills = Math.floor((each.at - first.at) / FILL_EVERY_MS) + 2;
              expect(n).toBeLessThanOrEqual(fills * fill + 1);
            }
            expect(first.n).toBeLessThan(fill + 1);
          }
        },
      ),
      { numRuns: 500 },
    );
  });
});

describe('a campaign pauses itself', () => {
  const of = (tried: number, failed: number, planned = 100_000) => selfPause({ tried, failed, planned });

  test('as soon as 5 % of the first 1,000 have failed', () => {
    expect(of(49, 49)).toBe('watch');
    expect(of(50, 50)).toBe('pause');
    expect(of(999, 49)).toBe('watch');
    expect(of(1_000, 49)).toBe('passed');
    expect(of(1_000, 50)).toBe('pause');
  });

  test('by the share of all of them where it is looked at late', () => {
    expect(of(4_000, 100)).toBe('passed');
    expect(of(4_000, 200)).toBe('pause');
  });

  test('by 5 % of all where there are fewer, and not by less than ten', () => {
    expect(of(400, 20, 400)).toBe('pause');
    expect(of(400, 19, 400)).toBe('passed');
    expect(of(20, 9, 20)).toBe('passed');
    expect(of(20, 10, 20)).toBe('pause');
  });

  test('never while fewer than 5 % of what is known failed, of 200 and more', () => {
    fc.assert(
      fc.property(fc.nat(100_000), fc.nat(100_000), fc.nat(100_000), (tried, failed, planned) => {
        if (failed <= tried && failed < 0.05 * tried) expect(of(tried, failed, planned)).not.toBe('pause');
      }),
    );
  });
});

describe('the end of a campaign', () => {
  const at = (over: Partial<Parameters<typeof endsAt>[0]>) =>
    endsAt({ left: 6_000, ratePerMinute: null, throttlePerMinute: null, lastDueMs: null, ...over }, START);

  test('is by the slower of its rate and its throttle', () => {
    expect(at({ ratePerMinute: 1_000 })).toBe(START + 6 * 60_000);
    expect(at({ throttlePerMinute: 100 })).toBe(START + 60 * 60_000);
    expect(at({ ratePerMinute: 1_000, throttlePerMinute: 100 })).toBe(START + 60 * 60_000);
    expect(at({ ratePerMinute: 50, throttlePerMinute: 100 })).toBe(START + 120 * 60_000);
  });

  test('is not before the last one is due, and not known without a rate', () => {
    expect(at({ ratePerMinute: 1_000, lastDueMs: START + 86_400_000 })).toBe(START + 86_400_000);
    expect(at({})).toBeNull();
    expect(at({ ratePerMinute: 0 })).toBeNull();
    expect(at({ ratePerMinute: 1, left: 1 })).toBe(START + 60_000);
    expect([at({ left: 0 }), at({ left: 1 })]).toEqual([START, null]);
    expect(at({ left: 0, lastDueMs: START + 5 })).toBe(START + 5);
    expect(at({ left: 0, lastDueMs: START - 5 })).toBe(START);
  });
});
