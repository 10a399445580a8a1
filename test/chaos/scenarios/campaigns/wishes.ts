import { until } from '../../../support/until.ts';
import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import type { Scenario } from '../scenario.ts';
import { startRole } from './roles.ts';

const SETTLE_MS = 60_000;
const PEOPLE = 1_200;

/**
 * Recipients are suppressed, opt out and are erased between the launch of a campaign and their slice, and between their
 * slice and the claim. Held against it: wishes are read with the claim, and an erasure reaches the frozen audience.
 */
export const wishesInCampaign = (scale = 1): Scenario => ({
  name: 'wishes between launch and claim',
  settleMs: SETTLE_MS,
  async play(cell) {
    const people = await storePeople(cell, { count: PEOPLE * scale });
    const campaign = await storeCampaign(cell, people, { policy: 'at_least_once', throttlePerMinute: 12 });
    startRole(cell, 'runner');
    startRole(cell, 'relay');
    await campaign.reaches('to be frozen, and begun', ({ isFrozen, counts }) => isFrozen && counts.made > 0);
    const unmade = people.ids.slice(-9);
    await act(unmade);
    const before = await madeOf(unmade);
    await cell.sql`update campaigns set throttle_per_minute = null`;
    const unclaimed = people.ids.slice(100, 109);
    await until('the next ones to be made', async () => (await madeOf(unclaimed)) === unclaimed.length, {
      timeoutMs: 90_000,
    });
    await act(unclaimed);
    startRole(cell, 'deliverer');
    await campaign.ends(SETTLE_MS * scale);
    await cell.settle(SETTLE_MS);
    const unproven: Finding[] =
      before === 0
        ? []
        : [{ rule: 'unproven', id: campaign.id, why: `${before} were made before their wishes` }];
    return { findings: [...unproven, ...(await campaign.judge())] };

    async function madeOf(ids: readonly string[]): Promise<number> {
      const [row] = await cell.sql<[{ made: number }]>`
        select count(*)::int as made from notifications where recipient_id = any (${ids as string[]})`;
      return row.made;
    }

    async function act(ids: readonly string[]): Promise<void> {
      const third = ids.length / 3;
      for (const id of ids.slice(0, third)) await campaign.suppress(id);
      for (const id of ids.slice(third, 2 * third)) await campaign.optOut(id);
      for (const id of ids.slice(2 * third)) await campaign.erase(id);
    }
  },
});
