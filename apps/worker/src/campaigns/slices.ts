import type { CampaignCounts } from '@carillon/core/campaign/counts';
import { sliceWindow } from '@carillon/core/campaign/window';
import type { Priority } from '@carillon/core/notification/priority';
import { runningCampaigns, type WorkRow } from '@carillon/db/campaigns/launch';
import { readCounts } from '@carillon/db/origins/read-counts';
import { makeSlice, SLICE, type TextsCache } from '@carillon/services/campaigns/slice';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

export interface SlicesOptions {
  sql: Sql;
  wake(priority: Priority): void;
  stopping: AbortSignal;
}

/** A turn begins no more slices after this. */
const TURN_MS = 2_000;
/** Counts are read again after this; what this process makes until then is added to them. */
const COUNTS_HOLD_MS = 500;
/** Over which the rate of a campaign is measured. */
const RATE_OVER_MS = 10_000;

/** What a process knows of a running campaign between two slices. */
interface Known {
  inProgress: number;
  window: number;
  readAt: number;
  /** Messages that were final at some earlier moments, oldest first. */
  ended: { at: number; count: number }[];
}

/**
 * Makes the notifications of running campaigns as they can be sent: while fewer are in progress than the campaign's
 * window has room for. So lanes and Redis hold seconds of each campaign and not a million messages, a pause has little
 * to take back, and the messages of one app do not wait behind all of another. Runs in every process of the role; chunks
 * are taken by lock.
 */
export function slices({ sql, wake, stopping }: SlicesOptions): Duty {
  const texts: TextsCache = new Map();
  const known = new Map<string, Known>();

  const refresh = async (campaigns: readonly WorkRow[]): Promise<void> => {
    const now = performance.now();
    const old = campaigns.filter(
      ({ id }) => now - (known.get(id)?.readAt ?? -COUNTS_HOLD_MS) >= COUNTS_HOLD_MS,
    );
    if (old.length === 0) return;
    const counts = await readCounts(
      sql,
      old.map(({ id }) => id),
    );
    for (const { id } of old) known.set(id, lookAt(counts.get(id)!.whole, known.get(id), now));
  };

  return {
    name: 'campaign-slices',
    everyMs: 250,
    async runOnce() {
      const endAt = performance.now() + TURN_MS;
      let handled = 0;
      let hungry = await runningCampaigns(sql);
      for (const id of known.keys()) if (!hungry.some((campaign) => campaign.id === id)) known.delete(id);
      while (hungry.length > 0 && performance.now() < endAt && !stopping.aborted) {
        await refresh(hungry);
        const next: WorkRow[] = [];
        // A slice of each in turn.
        for (const campaign of hungry) {
          const state = known.get(campaign.id)!;
          const room = state.window - state.inProgress;
          if (room <= 0) continue;
          const result = await makeSlice(sql, campaign, texts, Math.min(room, SLICE));
          if (result === 'none') continue;
          state.inProgress += result.made;
          handled += result.handled;
          if (result.made > 0) wake(campaign.definition.priority);
          next.push(campaign);
        }
        hungry = next;
      }
      return handled;
    },
  };
}

/** Pure: the window of a campaign from what was final over the last seconds. */
function lookAt(counts: CampaignCounts, before: Known | undefined, now: number): Known {
  const ended = [...(before?.ended ?? []), { at: now, count: counts.made - counts.open }];
  while (ended.length > 2 && now - ended[1]!.at >= RATE_OVER_MS) ended.shift();
  const [first, last] = [ended[0]!, ended.at(-1)!];
  const seconds = (last.at - first.at) / 1000;
  // The first messages of a campaign say nothing about its rate yet.
  const rate = seconds >= RATE_OVER_MS / 2000 && last.count > 0 ? (last.count - first.count) / seconds : null;
  return { inProgress: counts.in_progress, window: sliceWindow(rate), readAt: now, ended };
}
