import type { Environment } from '@carillon/core/notification/environment';
import { addBuckets, type Buckets } from '@carillon/core/overview/durations';
import { countFlows, type Flow, type FlowSeries } from '@carillon/db/overview/count-flows';
import { newestMinute, readMinutes } from '@carillon/db/overview/read-measured';
import type { Reader } from '@carillon/db/replica/reader';

/** Flows of a period, added up by label. */
export interface FlowTotals {
  from: Date;
  to: Date;
  of(series: FlowSeries): ReadonlyMap<string, { count: number; buckets: Buckets }>;
}

interface Slice {
  from: Date;
  to: Date;
  flows: readonly Flow[];
}

const MINUTE_MS = 60_000;
/** Shares and percentiles are of this long. */
const WINDOW_MS = 5 * MINUTE_MS;
/** Rates are of the newest slices that make this up. */
const RATE_MS = 10_000;
/** Rows that are being committed at this moment are left to the next slice. */
const COMMIT_MS = 1_000;
/** A slice that nobody asked for in this time is not worth its cost: it starts again. */
const LONGEST_SLICE_MS = 3 * MINUTE_MS;
const FIRST_SLICE_MS = MINUTE_MS;

/**
 * The flows of the last five minutes up to a second ago, for one process' viewers. Each look counts only what came since
 * the look before; the minutes before the first look come from the rollup. So a look costs what its few seconds had,
 * and an installation that nobody looks at pays nothing.
 */
export function recentFlows() {
  let slices: Slice[] = [];

  async function beginning(sql: Reader, now: Date): Promise<Date> {
    const last = slices.at(-1);
    if (last && now.getTime() - last.to.getTime() < LONGEST_SLICE_MS) return last.to;
    slices = [];
    const minute = await newestMinute(sql);
    const end = minute === null ? null : new Date(minute.getTime() + MINUTE_MS);
    return end !== null && now.getTime() - end.getTime() < LONGEST_SLICE_MS
      ? end
      : new Date(now.getTime() - FIRST_SLICE_MS);
  }

  return {
    /**
     * One look at a time.
     *
     * @param now PostgreSQL's time, less what `sql` may be behind.
     */
    async look(sql: Reader, now: Date): Promise<void> {
      const from = await beginning(sql, now);
      const before = slices.at(-1);
      const to = new Date(now.getTime() - COMMIT_MS);
      if (to <= from) return;
      const flows = await countFlows(sql, from, to);
      // Meanwhile the same was counted by another look: this one had waited for a server that was away.
      if (slices.at(-1) !== before) return;
      slices.push({ from, to, flows });
      slices = slices.filter((slice) => now.getTime() - slice.to.getTime() < WINDOW_MS);
    },

    /** Of the newest seconds. */
    rates(environment: Environment): FlowTotals | null {
      const last = slices.at(-1);
      if (!last) return null;
      const since = last.to.getTime() - RATE_MS;
      const newest = slices.filter((slice) => slice.to.getTime() > since);
      return totals(newest, environment);
    },

    /** Of the last five minutes, or of as many of them as are known. */
    async window(sql: Reader, environment: Environment): Promise<FlowTotals | null> {
      const [first, last] = [slices[0], slices.at(-1)];
      if (!first || !last) return null;
      const since = new Date(last.to.getTime() - WINDOW_MS);
      if (first.from <= since) return totals(slices, environment);
      const { minutes, flows } = await readMinutes(sql, environment, since, first.from);
      // Only minutes without a gap before the slices: else the period would not be the one that is stated.
      let from = first.from;
      for (const minute of minutes.toReversed())
        if (minute.getTime() === from.getTime() - MINUTE_MS) from = minute;
      const known = flows.filter(({ minute }) => minute >= from);
      return totals([{ from, to: first.from, flows: known }, ...slices], environment);
    },
  };
}

function totals(slices: readonly Slice[], environment: Environment): FlowTotals {
  const sums = new Map<FlowSeries, Map<string, { count: number; buckets: Buckets }>>();
  for (const { series, environment: of, label, count, buckets } of slices.flatMap(({ flows }) => flows)) {
    if (of !== environment) continue;
    const bySeries = sums.get(series) ?? new Map<string, { count: number; buckets: Buckets }>();
    sums.set(series, bySeries);
    const sum = bySeries.get(label) ?? { count: 0, buckets: [] };
    bySeries.set(label, { count: sum.count + count, buckets: addBuckets(sum.buckets, buckets ?? []) });
  }
  return {
    from: slices[0]!.from,
    to: slices.at(-1)!.to,
    of: (series) => sums.get(series) ?? new Map(),
  };
}
