import {
  differenceInterval,
  type Interval,
  twoSidedP,
  twoSidedQuantile,
  wilsonInterval,
  zTest,
} from './statistics.ts';

/** What variants are compared by. */
export const VERDICT_METRICS = ['delivered', 'opened', 'clicked', 'failed'] as const;
export type VerdictMetric = (typeof VERDICT_METRICS)[number];

/** What became of the messages of one variant. */
export interface ArmResult {
  /** The name of the variant, as people know it. */
  key: string;
  /** Messages that a provider was asked to send: sent, delivered, failed or dead. What every metric is a share of. */
  tried: number;
  delivered: number;
  opened: number;
  clicked: number;
  failed: number;
}

export interface ArmShare {
  key: string;
  count: number;
  of: number;
  /** Null where nothing was tried. */
  share: number | null;
  /** Wilson's, at 95 %; null where nothing was tried. */
  interval: Interval | null;
}

export interface MetricVerdict {
  metric: VerdictMetric;
  verdict: 'not_enough_data' | 'decided';
  /** The variant that is certainly better than each other one; null without a verdict. */
  best: string | null;
  /** Of the two best: how much the first is better; null where one of them has no message. */
  comparison: { first: string; second: string; difference: Interval; z: number; p: number } | null;
  arms: ArmShare[];
  /** Plain English, complete sentences. */
  text: string;
}

/** Below this there is no verdict, whatever the shares are. */
export const LEAST_PER_ARM = 100;
/** One verdict in twenty would be wrong if all variants were the same. */
const ERROR = 0.05;

/**
 * Pure: which variant is better by each metric, or that it cannot be said yet: with fewer than 100 messages of a variant,
 * or while the interval of the difference contains 0. With more than two variants the interval is wider, because one of
 * many comparisons is more often wrong by chance (Bonferroni).
 *
 * A person looks at it as often as they like, which makes chance findings likelier than one in twenty; so no program
 * chooses a winner by it.
 *
 * @param arms at least two.
 */
export function verdictOf(arms: readonly ArmResult[]): MetricVerdict[] {
  return VERDICT_METRICS.map((metric) => metricVerdict(metric, arms));
}

const Z95 = twoSidedQuantile(ERROR);

function metricVerdict(metric: VerdictMetric, results: readonly ArmResult[]): MetricVerdict {
  const arms = results.map((result): ArmShare => {
    const { key, tried: of } = result;
    // A late receipt may count a message twice for a moment.
    const count = Math.min(result[metric], of);
    if (of === 0) return { key, count, of, share: null, interval: null };
    return { key, count, of, share: count / of, interval: wilsonInterval(count, of, Z95) };
  });
  const sign = metric === 'failed' ? -1 : 1;
  const ranked = arms.toSorted((a, b) => sign * ((b.share ?? 0) - (a.share ?? 0)));
  const [first, second] = ranked as [ArmShare, ArmShare];
  const pairs = (arms.length * (arms.length - 1)) / 2;
  const z = twoSidedQuantile(ERROR / pairs);
  const isComparable = first.of > 0 && second.of > 0;
  const zValue = isComparable ? sign * zTest(first, second) : 0;
  const comparison = isComparable
    ? {
        first: first.key,
        second: second.key,
        difference: better(first, second, sign, z),
        z: zValue,
        p: Math.min(1, twoSidedP(zValue) * pairs),
      }
    : null;
  const small = arms.filter(({ of }) => of < LEAST_PER_ARM);
  const isDecided =
    small.length === 0 && ranked.slice(1).every((other) => better(first, other, sign, z).low > 0);
  return {
    metric,
    verdict: isDecided ? 'decided' : 'not_enough_data',
    best: isDecided ? first.key : null,
    comparison,
    arms,
    text: isDecided
      ? decided(metric, first, second, comparison!.difference)
      : open(metric, small, comparison),
  };
}

/** How much better the first is, whichever direction is better. */
function better(first: ArmShare, second: ArmShare, sign: 1 | -1, z: number): Interval {
  return sign === 1 ? differenceInterval(first, second, z) : differenceInterval(second, first, z);
}

function decided(metric: VerdictMetric, first: ArmShare, second: ArmShare, by: Interval): string {
  const shares = `${percent(first.share!)} of ${first.key} and ${percent(second.share!)} of ${second.key} ${DID[metric]}`;
  return `${first.key} is better: ${shares}, a difference of ${points(by.low)} to ${points(by.high)} percentage points.`;
}

function open(
  metric: VerdictMetric,
  small: readonly ArmShare[],
  comparison: MetricVerdict['comparison'],
): string {
  if (small.length > 0) {
    const have = small.map(({ key, of }) => `${key} has ${of}`).join(', ');
    return `Not enough data yet: at least ${LEAST_PER_ARM} messages of each variant are needed; ${have}.`;
  }
  const { first, second, difference } = comparison!;
  const range = `from ${points(difference.low)} to ${points(difference.high)} percentage points`;
  return `Not enough data yet: of those that ${DID[metric]}, the difference between ${first} and ${second} may be anything ${range}.`;
}

/** Completes "the messages that ..." and "30 % of A ...". */
const DID: Readonly<Record<VerdictMetric, string>> = {
  delivered: 'were delivered',
  opened: 'were opened',
  clicked: 'were clicked',
  failed: 'failed',
};

const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
const points = (share: number): string => (share * 100).toFixed(1);
