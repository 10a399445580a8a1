import type { Finding } from '../../judge/rules.ts';
import { storeCampaign, storePeople } from '../../system/campaigns.ts';
import { crashDatabase, keepCommits } from '../crash-database.ts';
import type { Scenario } from '../scenario.ts';
import { replaceKilled, startRole } from './roles.ts';

/** More than a page of a freeze; one in so many has an address, so that sending takes seconds. */
const PEOPLE = 22_000;
const ONE_IN = 40;
const SETTLE_MS = 120_000;

/**
 * Two campaigns to the same people, while runners, relay and deliverers are killed and Redis loses everything. Held
 * against it: a slice is one commit under the lock of its chunk, its ids follow from campaign and recipient, and counts
 * move with states.
 *
 * @param scale how many times as many messages.
 */
export const campaignThroughKills = (scale = 1): Scenario => ({
  name: 'campaign through kills',
  settleMs: SETTLE_MS,
  async play(cell) {
    const environment = 'live';
    const people = await storePeople(cell, { environment, count: PEOPLE * scale, oneIn: ONE_IN });
    const campaigns = [
      await storeCampaign(cell, people, { environment, policy: 'resolve' }),
      await storeCampaign(cell, people, { environment, policy: 'at_least_once' }),
    ] as const;
    const [first, second] = campaigns;
    startRole(cell, 'runner');
    const runner = startRole(cell, 'runner');
    const relay = startRole(cell, 'relay');
    const deliverer = startRole(cell, 'deliverer');
    await first.reaches('to be frozen', ({ isFrozen }) => isFrozen);
    await replaceKilled(cell, 'runner', runner);
    await first.reaches('to be sent', ({ counts }) => counts.sent > 20 * scale);
    await replaceKilled(cell, 'relay', relay);
    await first.reaches('to be sent', ({ counts }) => counts.sent > 100 * scale);
    await replaceKilled(cell, 'deliverer', deliverer);
    await second.reaches('to be sent again', ({ counts }) => counts.sent > 200 * scale);
    await cell.loseRedis();
    await Promise.all(campaigns.map((campaign) => campaign.ends(SETTLE_MS * scale)));
    await cell.settle(SETTLE_MS);
    return { findings: (await Promise.all(campaigns.map((campaign) => campaign.judge()))).flat() };
  },
});

/**
 * PostgreSQL breaks down twice in the middle of a campaign, and comes back. Held against it: what is not committed is
 * made again.
 */
export const campaignThroughDatabase = (scale = 1): Scenario => ({
  name: 'campaign through crashes of PostgreSQL',
  settleMs: SETTLE_MS,
  ownServers: true,
  async play(cell) {
    await keepCommits(cell);
    const people = await storePeople(cell, { count: PEOPLE * scale, oneIn: ONE_IN });
    const campaign = await storeCampaign(cell, people, { policy: 'at_least_once' });
    startRole(cell, 'all');
    startRole(cell, 'all');
    const findings: Finding[] = [];
    for (const sent of [1, 150]) {
      await campaign.reaches('to be sent', ({ counts }) => counts.sent >= sent * scale);
      findings.push(...(await crashDatabase(cell)));
    }
    await campaign.ends(SETTLE_MS * scale);
    await cell.settle(SETTLE_MS);
    return { findings: [...findings, ...(await campaign.judge())] };
  },
});
