/** @param share 0 to 1. @returns the nearest-rank percentile; NaN of nothing */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) return Number.NaN;
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** The median, of an even number the lower middle one: a figure that was really measured. */
export function median(values: readonly number[]): number {
  return percentile(values, 0.5);
}
