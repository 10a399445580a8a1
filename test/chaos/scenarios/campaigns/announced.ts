import { until } from '../../../support/until.ts';
import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import { answering, EVENT_WORKER, register } from '../event-endpoint.ts';
import type { Scenario } from '../scenario.ts';
import { replaceKilled, startRole } from './roles.ts';

const PEOPLE = 400;
/** In the long run; one in so many has an address, so that sending takes minutes. */
const MANY = { count: 100_000, oneIn: 4 } as const;
/** One message in so many is refused: fewer than a campaign pauses itself for. */
const REFUSED_ONE_IN = 80;
const SETTLE_MS = 60_000;
/** More than a worker needs for one message, on a machine that is busy with something else. */
const MS_OF_ONE = 30;
const EVENT_MS = 100;

/**
 * An app with a webhook endpoint has a campaign, some of whose recipients its provider refuses, and whose runner is
 * killed. Held against it: an event for each problem, one for its end, and no other.
 */
export const announcedCampaign = (scale = 1): Scenario => ({
  name: 'announced campaign',
  settleMs: SETTLE_MS,
  async play(cell) {
    const environment = 'test';
    const { count, oneIn } = scale === 1 ? { count: PEOPLE, oneIn: 1 } : MANY;
    const customer = await answering(0);
    try {
      await register(cell.sql, cell.appId, customer.url, environment);
      const people = await storePeople(cell, { environment, count, oneIn });
      const refused = people.ids.filter((_, n) => n % (oneIn * REFUSED_ONE_IN) === 0);
      await cell.sql`
        update contact_points set address = 'bounce+' || recipient_id || '@example.com'
        where recipient_id = any (${refused})`;
      const campaign = await storeCampaign(cell, people, {
        environment,
        policy: 'at_least_once',
        refused,
      });
      const runner = startRole(cell, 'runner');
      startRole(cell, 'sender');
      cell.startWorker(undefined, EVENT_WORKER);
      await campaign.reaches('to be sent', ({ counts }) => counts.sent > 100);
      await replaceKilled(cell, 'runner', runner);
      await campaign.ends(SETTLE_MS + (count / oneIn) * MS_OF_ONE);
      await cell.settle(SETTLE_MS);
      const wanted = refused.length + 1;
      await until('the events to arrive', () => customer.calls() >= wanted, {
        timeoutMs: 30_000 + wanted * EVENT_MS,
      }).catch(() => {});
      const events = await cell.sql<{ type: string; n: number }[]>`
        select type, count(*)::int as n from events group by type order by type`;
      const announced = judgeEvents(events, customer.calls(), refused.length);
      return { findings: [...announced, ...(await campaign.judge())] };
    } finally {
      customer.close();
    }
  },
});

/** A provider that is slow for a moment: a doubt is a problem, and so is its breaker. */
const MAY_COME = /^(notification\.in_doubt|provider\..*)$/;

/** @param calls of the endpoint */
export function judgeEvents(
  events: readonly { type: string; n: number }[],
  calls: number,
  refused: number,
): Finding[] {
  const wanted = refused + 1;
  const certain = events.filter(({ type }) => !MAY_COME.test(type));
  const told = certain.map(({ type, n }) => `${n} ${type}`).join(', ') || 'none';
  const right = `1 campaign.completed, ${refused} notification.failed`;
  if (told !== right) return [{ rule: 'event_unasked', id: 'events', why: `${told}; not ${right}` }];
  if (calls < wanted)
    return [{ rule: 'event_late', id: 'events', why: `${calls} of ${wanted} events arrived` }];
  return [];
}
