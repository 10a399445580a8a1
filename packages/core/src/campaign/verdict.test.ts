import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { differenceInterval, twoSidedP, twoSidedQuantile, wilsonInterval, zTest } from './statistics.ts';
import { type ArmResult, type VerdictMetric, verdictOf } from './verdict.ts';

const arm = (key: string, tried: number, over: Partial<ArmResult> = {}): ArmResult => ({
  key,
  tried,
  delivered: 0,
  opened: 0,
  clicked: 0,
  failed: 0,
  ...over,
});
const of = (metric: VerdictMetric, ...arms: ArmResult[]) =>
  verdictOf(arms).find((each) => each.metric === metric)!;

describe('the formulas agree with published values', () => {
  test('of the z-test and its probability', () => {
    const z = zTest({ count: 200, of: 1000 }, { count: 150, of: 1000 });
    expect(z).toBeCloseTo(2.942, 3);
    expect(twoSidedP(z)).toBeCloseTo(0.00326, 5);
    expect(zTest({ count: 0, of: 10 }, { count: 0, of: 90 })).toBe(0);
    expect(zTest({ count: 10, of: 10 }, { count: 90, of: 90 })).toBe(0);
  });

  test('of the quantiles', () => {
    expect(twoSidedQuantile(0.05)).toBeCloseTo(1.959964, 5);
    expect(twoSidedQuantile(0.01)).toBeCloseTo(2.575829, 5);
    expect(twoSidedP(0)).toBeCloseTo(1, 6);
  });

  test("of Wilson's interval", () => {
    expect(wilsonInterval(0, 50, 1.959964).high).toBeCloseTo(0.0714, 3);
    expect(wilsonInterval(0, 50, 1.959964).low).toBe(0);
    const { low, high } = wilsonInterval(81, 263, 1.959964);
    expect([low, high].map((each) => each.toFixed(4))).toEqual(['0.2553', '0.3662']);
  });

  test("of Newcombe's interval of a difference", () => {
    // Newcombe 1998, table II, examples a and c.
    const a = differenceInterval({ count: 56, of: 70 }, { count: 48, of: 80 }, 1.959964);
    expect([a.low, a.high].map((each) => each.toFixed(4))).toEqual(['0.0524', '0.3339']);
    const c = differenceInterval({ count: 10, of: 10 }, { count: 0, of: 20 }, 1.959964);
    expect([c.low, c.high].map((each) => each.toFixed(4))).toEqual(['0.6791', '1.0000']);
  });
});

describe('a verdict', () => {
  test('names the better variant once the interval of the difference leaves 0 out', () => {
    const verdict = of('clicked', arm('A', 1000, { clicked: 150 }), arm('B', 1000, { clicked: 200 }));
    expect(verdict).toMatchObject({ verdict: 'decided', best: 'B', comparison: { first: 'B', second: 'A' } });
    expect(verdict.text).toBe(
      'B is better: 20.0 % of B and 15.0 % of A were clicked, a difference of 1.7 to 8.3 percentage points.',
    );
  });

  test('prefers fewer failures', () => {
    const verdict = of('failed', arm('A', 1000, { failed: 10 }), arm('B', 1000, { failed: 80 }));
    expect(verdict).toMatchObject({ verdict: 'decided', best: 'A' });
    expect(verdict.comparison!.difference.low).toBeGreaterThan(0);
    expect(verdict.text).toContain('A is better: 1.0 % of A and 8.0 % of B failed');
  });

  test('is not given under 100 messages of a variant, however different they are', () => {
    const verdict = of('clicked', arm('A', 99, { clicked: 0 }), arm('B', 5000, { clicked: 5000 }));
    expect(verdict).toMatchObject({ verdict: 'not_enough_data', best: null });
    expect(verdict.text).toBe(
      'Not enough data yet: at least 100 messages of each variant are needed; A has 99.',
    );
    expect(of('clicked', arm('A', 100), arm('B', 100, { clicked: 100 })).verdict).toBe('decided');
  });

  test('is not given while the interval contains 0', () => {
    const verdict = of('opened', arm('A', 1000, { opened: 200 }), arm('B', 1000, { opened: 210 }));
    expect(verdict).toMatchObject({ verdict: 'not_enough_data', best: null });
    expect(verdict.text).toMatch(
      /^Not enough data yet: of those that were opened, the difference between B and A may be anything from -2\.\d to 4\.\d percentage points\.$/,
    );
  });

  test('is stricter among more variants', () => {
    const [a, b] = [arm('A', 1000, { clicked: 150 }), arm('B', 1000, { clicked: 186 })];
    expect(of('clicked', a, b).verdict).toBe('decided');
    expect(of('clicked', a, b, arm('C', 1000, { clicked: 100 })).verdict).toBe('not_enough_data');
  });

  test('is not given by variants of which nothing was tried', () => {
    const verdict = of('delivered', arm('A', 0), arm('B', 0));
    expect(verdict).toMatchObject({ verdict: 'not_enough_data', comparison: null });
    expect(verdict.arms[0]).toEqual({ key: 'A', count: 0, of: 0, share: null, interval: null });
    for (const metric of ['clicked', 'failed'] as const)
      for (const arms of [
        [arm('A', 0), arm('B', 500, { clicked: 3, failed: 3 })],
        [arm('B', 500, { clicked: 3, failed: 3 }), arm('A', 0)],
      ])
        expect(of(metric, ...arms)).toMatchObject({ verdict: 'not_enough_data', comparison: null });
    expect(of('clicked', arm('A', 1), arm('B', 1)).comparison).toMatchObject({
      z: 0,
      p: expect.closeTo(1, 6),
    });
  });

  const counted = fc
    .integer({ min: 0, max: 20_000 })
    .chain((tried) => fc.tuple(fc.constant(tried), fc.integer({ min: 0, max: tried })));

  test('never contradicts the shares, nor depends on the order of the variants', () => {
    fc.assert(
      fc.property(fc.array(counted, { minLength: 2, maxLength: 5 }), (given) => {
        const arms = given.map(([tried, clicked], n) => arm(`v${n}`, tried, { clicked, failed: clicked }));
        for (const metric of ['clicked', 'failed'] as const) {
          const verdict = of(metric, ...arms);
          expect(of(metric, ...arms.toReversed()).best).toBe(verdict.best);
          for (const { share, interval } of verdict.arms)
            if (share !== null) {
              expect(interval!.low).toBeLessThanOrEqual(share + 1e-12);
              expect(interval!.high).toBeGreaterThanOrEqual(share - 1e-12);
            }
          if (verdict.best === null) continue;
          const shares = verdict.arms.map(({ share }) => share!);
          const best = verdict.arms.find(({ key }) => key === verdict.best)!.share;
          expect(best).toBe(metric === 'clicked' ? Math.max(...shares) : Math.min(...shares));
          expect(verdict.arms.every(({ of }) => of >= 100)).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  test('is wrong about variants that are the same no more often than chance allows', () => {
    // A generator of its own, so that the test says the same on each run.
    let seed = 1;
    const random = (): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed / 2_147_483_647;
    };
    const clicks = (tried: number) =>
      Array.from({ length: tried }, random).filter((each) => each < 0.2).length;
    let wrong = 0;
    for (let k = 0; k < 1000; k++)
      if (
        of('clicked', arm('A', 400, { clicked: clicks(400) }), arm('B', 400, { clicked: clicks(400) })).best
      )
        wrong++;
    // 50 of 1,000 are expected; 77 and more once in 10,000.
    expect(wrong).toBeLessThan(77);
    expect(wrong).toBeGreaterThan(20);
  });
});
