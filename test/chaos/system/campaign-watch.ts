import type { CampaignState } from '@carillon/core/campaign/states';
import type { State } from '@carillon/core/notification/states';
import { readCounts } from '@carillon/db/origins/read-counts';
import type { Sql } from 'postgres';
import type { CampaignSnapshot } from '../judge/campaigns.ts';
import { type DatabaseWatch, watchDatabase } from './watch-database.ts';

export type CampaignWatch = DatabaseWatch<CampaignSnapshot>;

/** Counts and rows of a campaign, again and again. */
export const watchCampaign = (databaseUrl: string, id: string): CampaignWatch =>
  watchDatabase(databaseUrl, (sql) => snapshotOf(sql, id));

/** Null where there is no such campaign. */
async function snapshotOf(sql: Sql, id: string): Promise<CampaignSnapshot | null> {
  return sql.begin('isolation level repeatable read read only', async (tx) => {
    const [campaign] = await tx<{ state: CampaignState; isFrozen: boolean }[]>`
      select state, frozen_at is not null as "isFrozen" from campaigns where id = ${id}`;
    if (!campaign) return null;
    const counts = (await readCounts(tx, [id])).get(id)!.whole;
    const rows = await tx<{ state: State; n: number }[]>`
      select state, count(*)::int as n from notifications where origin_id = ${id} group by state`;
    return {
      at: Date.now(),
      ...campaign,
      counts,
      rows: Object.fromEntries(rows.map(({ state, n }) => [state, n])),
    };
  });
}
