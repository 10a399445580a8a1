/** An interval of a share or of a difference of shares. */
export interface Interval {
  low: number;
  high: number;
}

/**
 * Wilson's score interval of a share (Wilson 1927): right also for small numbers and for shares near 0 and 1.
 *
 * @param count of `of`, both whole numbers; `of` > 0.
 * @param z the quantile of the confidence: 1.96 for 95 %.
 */
export function wilsonInterval(count: number, of: number, z: number): Interval {
  const share = count / of;
  const centre = share + z ** 2 / (2 * of);
  const spread = z * Math.sqrt((share * (1 - share)) / of + z ** 2 / (4 * of ** 2));
  const scale = 1 + z ** 2 / of;
  return { low: Math.max(0, (centre - spread) / scale), high: Math.min(1, (centre + spread) / scale) };
}

/** The interval of the difference `a - b` of two shares, from their Wilson intervals (Newcombe 1998, method 10). */
export function differenceInterval(a: Counted, b: Counted, z: number): Interval {
  const [shareA, shareB] = [a.count / a.of, b.count / b.of];
  const [ofA, ofB] = [wilsonInterval(a.count, a.of, z), wilsonInterval(b.count, b.of, z)];
  const difference = shareA - shareB;
  return {
    low: difference - Math.hypot(shareA - ofA.low, ofB.high - shareB),
    high: difference + Math.hypot(ofA.high - shareA, shareB - ofB.low),
  };
}

/** So many of so many. */
export interface Counted {
  count: number;
  of: number;
}

/** The two-proportion z-test, with a pooled share. @returns 0 where both are nothing or everything. */
export function zTest(a: Counted, b: Counted): number {
  const pooled = (a.count + b.count) / (a.of + b.of);
  const error = Math.sqrt(pooled * (1 - pooled) * (1 / a.of + 1 / b.of));
  return error === 0 ? 0 : (a.count / a.of - b.count / b.of) / error;
}

/** How likely a value as far from 0 as `z`, or farther, is by chance. */
export function twoSidedP(z: number): number {
  return 2 * upperTail(Math.abs(z));
}

/** The z beyond which, on both sides together, so much of the normal distribution lies. @param p 0 to 1, both excluded. */
export function twoSidedQuantile(p: number): number {
  let [low, high] = [0, 40];
  while (high - low > 1e-10) {
    const middle = (low + high) / 2;
    if (twoSidedP(middle) > p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** The part of the normal distribution beyond z >= 0, within 8e-8 (Abramowitz and Stegun, 26.2.17). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * z);
  const density = Math.exp(-(z ** 2) / 2) / Math.sqrt(2 * Math.PI);
  const [a, b, c, d, e] = [0.31938153, -0.356563782, 1.781477937, -1.821255978, 1.330274429];
  return density * t * (a + t * (b + t * (c + t * (d + t * e))));
}
