import { setTimeout as pause } from 'node:timers/promises';
import type { CampaignState } from '@carillon/core/campaign/states';
import type { State } from '@carillon/core/notification/states';
import { readCounts } from '@carillon/db/origins/read-counts';
import postgres, { type Sql } from 'postgres';
import type { CampaignSnapshot } from '../judge/campaigns.ts';

/** Looks at a campaign again and again, by a connection of its own. */
export interface CampaignWatch {
  /** So far. */
  snapshots: readonly CampaignSnapshot[];
  /** Takes a last one. */
  stop(): Promise<readonly CampaignSnapshot[]>;
}

const EVERY_MS = 150;
/** PostgreSQL may be away meanwhile. */
const LAST_LOOK_TRIES = 50;

export function watchCampaign(databaseUrl: string, id: string): CampaignWatch {
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} });
  const snapshots: CampaignSnapshot[] = [];
  let isOver = false;
  const look = async (): Promise<boolean> => {
    try {
      const snapshot = await snapshotOf(sql, id);
      if (snapshot !== null) snapshots.push(snapshot);
      return true;
    } catch {
      return false;
    }
  };
  const watching = (async () => {
    while (!isOver) {
      await look();
      await pause(EVERY_MS);
    }
    for (let k = 0; k < LAST_LOOK_TRIES; k++) {
      if (await look()) break;
      await pause(EVERY_MS);
    }
  })();
  return {
    snapshots,
    async stop() {
      isOver = true;
      await watching;
      await sql.end({ timeout: 2 });
      return snapshots;
    },
  };
}

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
