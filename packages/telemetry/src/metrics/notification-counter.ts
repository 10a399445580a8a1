import type { OnEntered } from '@carillon/core/notification/entered';
import type { CounterOf } from './program-metrics.ts';

/** Label sets of `carillon_notifications_total` in one process, whatever apps and accounts there are. */
export const MOST_LABEL_SETS = 10_000;
/** For `app="other"` with its account. */
const OF_OTHER_APPS = 1_000;
/** For `app="other"` without it: every channel, priority and state. */
const WITHOUT_ACCOUNT = 200;

const OTHER = 'other';

/** Names of states as labels. What is not here is on the way and not counted. */
const COUNTED: Readonly<Partial<Record<Parameters<OnEntered>[0]['state'], string>>> = {
  created: 'created',
  sent: 'sent',
  delivered: 'delivered',
  failed: 'failed',
  dead: 'dead',
  in_doubt: 'in_doubt',
  expired: 'expired',
  suppressed: 'suppressed',
  skipped: 'skipped',
  cancelled: 'canceled',
};

/**
 * Counts notifications that enter a state, with a bounded number of label sets: when most of them are in use, a new one
 * counts as `app="other"`, and at the end without its account. A set that is in use stays.
 */
export function notificationCounter(counter: CounterOf<'carillon_notifications_total'>): OnEntered {
  const inUse = new Set<string>();
  const takes = (key: string, limit: number): boolean => {
    if (inUse.has(key)) return true;
    if (inUse.size >= limit) return false;
    inUse.add(key);
    return true;
  };
  return (entered) => {
    const state = COUNTED[entered.state];
    if (state === undefined) return;
    const { channel, priority } = entered;
    const rest = `${channel} ${priority} ${state}`;
    let app = entered.appId;
    let provider = entered.provider ?? '';
    if (!takes(`${app} ${provider} ${rest}`, MOST_LABEL_SETS - OF_OTHER_APPS)) {
      app = OTHER;
      if (!takes(`${app} ${provider} ${rest}`, MOST_LABEL_SETS - WITHOUT_ACCOUNT)) {
        provider = OTHER;
        takes(`${app} ${provider} ${rest}`, MOST_LABEL_SETS);
      }
    }
    counter.inc({ app, channel, priority, provider, state });
  };
}
