import { runningCampaigns, startDue } from '@carillon/db/campaigns/launch';
import { freezePage } from '@carillon/services/campaigns/freeze';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

export interface LaunchOptions {
  sql: Sql;
  /** For statements over many recipients. */
  sets: Sql;
  stopping: AbortSignal;
}

/** Campaigns started by one turn. */
const AT_ONCE = 10;
/** A turn begins no more pages after this. */
const TURN_MS = 5_000;

/**
 * Starts campaigns when their time has come, and freezes their audiences page by page. May run in every process: a page
 * is made under the lock of its campaign.
 */
export function launch({ sql, sets, stopping }: LaunchOptions): Duty {
  return {
    name: 'campaign-launch',
    everyMs: 500,
    async runOnce() {
      const endAt = performance.now() + TURN_MS;
      let pages = 0;
      await startDue(sql, AT_ONCE);
      let waiting = (await runningCampaigns(sql)).filter(({ frozenAt }) => frozenAt === null);
      // A page of each in turn: a small campaign does not wait for a large one.
      while (waiting.length > 0 && performance.now() < endAt && !stopping.aborted) {
        const unfinished: typeof waiting = [];
        for (const campaign of waiting) {
          const result = await freezePage(sets, campaign.id);
          if (result !== 'busy') pages += 1;
          if (result === 'more') unfinished.push(campaign);
        }
        waiting = unfinished;
      }
      return pages;
    },
  };
}
