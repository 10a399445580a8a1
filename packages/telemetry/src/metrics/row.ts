/** The programs that serve GET /metrics. */
export const PROGRAMS = ['api', 'worker', 'dashboard'] as const;
export type Program = (typeof PROGRAMS)[number];

/** One metric: what the programs make of it, and what docs/metrics.md says about it. */
export interface MetricRow {
  type: 'counter' | 'gauge' | 'histogram';
  labels: readonly string[];
  /** Upper bounds, in the unit of the name; of histograms only. */
  buckets?: readonly number[];
  /** What a sample means. One line; the last sentence has no full stop. */
  help: string;
  programs: readonly Program[];
}

/** Seconds of what should take milliseconds: statements, calls, requests. */
export const SHORT_SECONDS = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10,
] as const;

/** Seconds from a due time to the end of work that may be retried. */
export const LONG_SECONDS = [
  0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 3600,
] as const;
