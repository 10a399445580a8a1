import type { OnEntered } from '@carillon/core/notification/entered';
import type { CounterOf } from './program-metrics.ts';

/** Label sets of `carillon_notifications_total` in one process, whatever apps and accounts there are. */
export const MOST_LABEL_SETS = 10_000;
/** For `app="other"` with its account. */
const OF_OTHER_APPS = 1_000;
/** For `app="other"` without it: every channel, priority and state. */
const WITHOUT_ACCOUNT = 200;

const OTHER = 'other';

/** States that are counted. The others are on the way. */
const COUNTED: ReadonlySet<Parameters<OnEntered>[0]['state']> = new Set([
  'created',
  'sent',
  'delivered',
  'failed',
  'dead',
  'in_doubt',
  'expired',
  'suppressed',
  'skipped',
  'cancelled',
] as const);

/**
 * Counts notifications that enter a state, with a bounded number of label sets: when most of them are in use, a new one
 * counts as `app="other"`, and at the end without its account. A set that is in use stays.
 */
export function notificationCounter(counter: CounterOf<'carillon_notifications_total'>): OnEntered {
  type Series = ReturnType<typeof counter.series>;
  const inUse = new Map<string, Series>();

  /** @returns null if `limit` sets are in use and this is none of them. */
  const seriesOf = (app: string, provider: string, entered: Counted, limit: number): Series | null => {
    const { channel, priority, state } = entered;
    const key = `${app} ${provider} ${channel} ${priority} ${state}`;
    const known = inUse.get(key);
    if (known || inUse.size >= limit) return known ?? null;
    const series = counter.series({ app, channel, priority, provider, state });
    inUse.set(key, series);
    return series;
  };

  return ({ appId, channel, priority, provider, state }) => {
    if (!COUNTED.has(state)) return;
    const counted = { channel, priority, state };
    const account = provider ?? '';
    const series =
      seriesOf(appId, account, counted, MOST_LABEL_SETS - OF_OTHER_APPS) ??
      seriesOf(OTHER, account, counted, MOST_LABEL_SETS - WITHOUT_ACCOUNT) ??
      seriesOf(OTHER, OTHER, counted, MOST_LABEL_SETS);
    series?.inc();
  };
}

type Counted = Pick<Parameters<OnEntered>[0], 'channel' | 'priority'> & { state: string };
