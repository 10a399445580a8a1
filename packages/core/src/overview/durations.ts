/**
 * Durations counted in buckets, so that minutes and processes can be added up and a percentile still be read off. Bucket 0
 * holds up to 1 ms, bucket k from 1.2^(k-1) to 1.2^k ms. A percentile is the middle of its bucket: at most 10 % off.
 */
export const BUCKET_GROWTH = 1.2;
/** Longer than 60 days counts as that. SQL and `bucketOf` agree on it. */
export const LAST_BUCKET = 123;

/** How many durations fell into each bucket, from bucket 0; trailing zeros are left out. */
export type Buckets = readonly number[];

export function bucketOf(ms: number): number {
  if (!(ms > 1)) return 0;
  return Math.min(LAST_BUCKET, Math.ceil(Math.log(ms) / Math.log(BUCKET_GROWTH)));
}

export function addBuckets(a: Buckets, b: Buckets): number[] {
  return Array.from({ length: Math.max(a.length, b.length) }, (_, k) => (a[k] ?? 0) + (b[k] ?? 0));
}

/** @param counts of single buckets, in any order. */
export function bucketsFrom(counts: readonly { bucket: number; count: number }[]): number[] {
  const buckets: number[] = [];
  for (const { bucket, count } of counts) {
    while (buckets.length <= bucket) buckets.push(0);
    buckets[bucket] = buckets[bucket]! + count;
  }
  return buckets;
}

/**
 * @param share 0.5 is the median.
 * @returns milliseconds, or null where nothing was counted.
 */
export function percentile(buckets: Buckets, share: number): number | null {
  const total = buckets.reduce((sum, count) => sum + count, 0);
  if (total === 0) return null;
  let rest = Math.max(1, Math.ceil(total * share));
  const at = buckets.findIndex((count) => {
    rest -= count;
    return rest <= 0;
  });
  const middle = at === 0 ? 1 : BUCKET_GROWTH ** (at - 0.5);
  return middle < 10 ? Math.round(middle * 10) / 10 : Math.round(middle);
}
