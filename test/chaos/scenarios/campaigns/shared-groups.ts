import type { Cell } from '../../cell/cell.ts';
import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import { simulatorAt } from '../../system/simulator.ts';
import type { Scenario } from '../scenario.ts';
import { startRole } from './roles.ts';

const PEOPLE = 800;
/** One in so many is refused by the provider. */
const REFUSED_ONE_IN = 50;
/** One in so many has to wait twice, and comes back among the messages of the other campaign. */
const DEFERRED_ONE_IN = 3;
const SETTLE_MS = 90_000;
/** So that the messages of both are in hand at the same time. */
const LATENCY_MS = 20;

/**
 * Two campaigns to the same people in one lane of one worker, which claims, records and gives back the messages of both
 * in the same statements; one of them is cancelled meanwhile. Held against it: a group counts for each origin, and the
 * stop of one is none of the other.
 *
 * @param scale how many times as many messages.
 */
export const campaignsSharingGroups = (scale = 1): Scenario => ({
  name: 'campaigns that share groups',
  settleMs: SETTLE_MS,
  async play(cell) {
    const simulator = simulatorAt(cell.simulatorUrl);
    await simulator.behave({ provider: 'smtp', mode: 'ok', latency_ms: LATENCY_MS });
    const people = await storePeople(cell, { count: PEOPLE * scale });
    const refused = people.ids.filter((_, n) => n % REFUSED_ONE_IN === 0);
    const deferred = people.ids.filter((_, n) => n % DEFERRED_ONE_IN === 1);
    await cell.sql`
      update contact_points set address = 'throttle+' || recipient_id || '@example.com'
      where recipient_id = any (${deferred})`;
    await cell.sql`
      update contact_points set address = 'bounce+' || recipient_id || '@example.com'
      where recipient_id = any (${refused})`;
    const whole = await storeCampaign(cell, people, { policy: 'at_least_once', refused });
    const halved = await storeCampaign(cell, people, {
      policy: 'at_least_once',
      refused,
      endsAs: 'cancelled',
    });
    startRole(cell, 'runner');
    startRole(cell, 'sender');
    await halved.reaches('to be sent', ({ counts }) => counts.sent > 50 * scale);
    await whole.reaches('to be sent beside it', ({ counts }) => counts.sent > 50 * scale);
    await halved.cancel();
    const unproven = await findUnshared(cell);
    await simulator.behaveWell();
    await halved.ends(SETTLE_MS * scale);
    await whole.ends(SETTLE_MS * scale);
    await cell.settle(SETTLE_MS);
    return { findings: [...unproven, ...(await whole.judge()), ...(await halved.judge())] };
  },
});

/** The rows of one statement have one time: some of them must be of both campaigns. */
async function findUnshared(cell: Cell): Promise<Finding[]> {
  const [shared] = await cell.sql`
    select from notifications where state = 'sent'
    group by updated_at having count(distinct origin_id) > 1 limit 1`;
  return shared
    ? []
    : [{ rule: 'unproven', id: 'groups', why: 'no statement recorded messages of both campaigns' }];
}
