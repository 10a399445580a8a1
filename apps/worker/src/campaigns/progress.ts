import type { CampaignCounts } from '@carillon/core/campaign/counts';
import { selfPause } from '@carillon/core/campaign/window';
import { emitCampaignEvent } from '@carillon/db/campaigns/emit-event';
import { runningCampaigns } from '@carillon/db/campaigns/launch';
import { finishCampaign, pauseByItself } from '@carillon/db/campaigns/progress';
import { readCounts } from '@carillon/db/origins/read-counts';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Ends campaigns of which nothing is left to do, and pauses those whose first messages fail. Both read only counts, and
 * write under the lock of the campaign, so that each happens once, whatever runs beside.
 */
export function progress({ sql }: { sql: Sql }): Duty {
  return {
    name: 'campaign-progress',
    everyMs: 1000,
    async runOnce() {
      const running = await runningCampaigns(sql);
      if (running.length === 0) return 0;
      const counts = await readCounts(
        sql,
        running.map(({ id }) => id),
      );
      let moved = 0;
      for (const { id, frozenAt, selfPausedAt } of running) {
        const { whole } = counts.get(id)!;
        if (selfPausedAt === null && selfPause(tried(whole)) === 'pause') {
          if (await pause(id, whole)) moved += 1;
        } else if (frozenAt !== null && whole.remaining === 0 && whole.open === 0) {
          if (await finish(id)) moved += 1;
        }
      }
      return moved;
    },
  };

  async function pause(id: string, { failed, dead }: CampaignCounts): Promise<boolean> {
    const reason = `${failed + dead} of its first messages failed; look at them, and resume it if the rest should be sent`;
    return sql.begin(async (tx) => {
      const isPaused = await pauseByItself(tx, id, reason);
      if (isPaused) await emitCampaignEvent(tx, id, 'campaign.paused');
      return isPaused;
    });
  }

  async function finish(id: string): Promise<boolean> {
    return sql.begin(async (tx) => {
      const isDone = (await finishCampaign(tx, id)) !== null;
      if (isDone) await emitCampaignEvent(tx, id, 'campaign.completed');
      return isDone;
    });
  }
}

const tried = ({ sent, delivered, failed, dead, planned }: CampaignCounts) => ({
  tried: sent + delivered + failed + dead,
  failed: failed + dead,
  planned,
});
