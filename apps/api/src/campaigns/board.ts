import { endsAt } from '@carillon/core/campaign/window';
import { MAX_TIME_MS } from '@carillon/core/text/rfc3339';
import { type CampaignRow, lastDue } from '@carillon/db/campaigns/campaigns';
import { type OriginCounts, readCounts } from '@carillon/db/origins/read-counts';
import { LRUCache } from 'lru-cache';
import type { Sql } from 'postgres';

/** How far a campaign is. */
export interface CampaignProgress {
  counts: OriginCounts;
  /** Messages that came to an end, per minute; null while it does not run. */
  ratePerMinute: number | null;
  endsAt: Date | null;
}

/** The counts of campaigns for all viewers of this process: each campaign is read once a second at most. */
export interface CampaignBoard {
  /** In the order of the rows. */
  progress(rows: readonly CampaignRow[]): Promise<CampaignProgress[]>;
}

const FRESH_MS = 1_000;
/** The rate is that of this time, as far as this process has looked. */
const RATE_MS = 60_000;
/** Two looks that are nearer say little. */
const SHORTEST_MS = 5_000;
const MAX_CAMPAIGNS = 1_000;

interface Look {
  /** Monotonic ms. */
  at: number;
  counts: Promise<OriginCounts>;
}

/** @param now monotonic ms. */
export function createCampaignBoard(sql: Sql, now: () => number = () => performance.now()): CampaignBoard {
  const looks = new LRUCache<string, Look>({ max: MAX_CAMPAIGNS });
  const ended = new LRUCache<string, { at: number; n: number }[]>({ max: MAX_CAMPAIGNS });

  const read = (ids: readonly string[]): void => {
    const at = now();
    const found = readCounts(sql, ids);
    for (const id of ids) {
      const counts = found.then((all) => all.get(id)!);
      const look = { at, counts };
      looks.set(id, look);
      counts.then(
        (of) => note(id, at, of),
        () => {
          // A failure is passed on to those who wait for it, and not kept.
          if (looks.peek(id) === look) looks.delete(id);
        },
      );
    }
  };

  const note = (id: string, at: number, { whole }: OriginCounts): void => {
    const samples = (ended.get(id) ?? []).filter((sample) => at - sample.at <= RATE_MS);
    ended.set(id, [...samples, { at, n: whole.made - whole.open }]);
  };

  const rateOf = (row: CampaignRow, { whole }: OriginCounts): number | null => {
    if (row.state !== 'running') return null;
    const samples = ended.get(row.id) ?? [];
    const [first, last] = [samples[0], samples.at(-1)];
    if (first && last && last.at - first.at >= SHORTEST_MS)
      return Math.round(((last.n - first.n) / (last.at - first.at)) * 60_000);
    const sinceStart = row.startedAt === null ? 0 : Date.now() - row.startedAt.getTime();
    return sinceStart < 1_000 ? null : Math.round(((whole.made - whole.open) / sinceStart) * 60_000);
  };

  const endOf = async (row: CampaignRow, { whole }: OriginCounts, ratePerMinute: number | null) => {
    if (row.endedAt !== null) return row.endedAt;
    if (row.state !== 'running') return null;
    const left = whole.remaining + whole.open;
    // Chunks of later time zones wait for their time.
    const last = whole.remaining > 0 ? await lastDue(sql, row.id) : null;
    const { throttlePerMinute } = row;
    const at = endsAt(
      { left, ratePerMinute, throttlePerMinute, lastDueMs: last?.getTime() ?? null },
      Date.now(),
    );
    return at === null || at > MAX_TIME_MS ? null : new Date(at);
  };

  return {
    async progress(rows) {
      const due = rows.flatMap(({ id }) => {
        const look = looks.get(id);
        return look === undefined || now() - look.at >= FRESH_MS ? [id] : [];
      });
      if (due.length > 0) read(due);
      const pending = rows.map(({ id }) => looks.get(id)!.counts);
      return Promise.all(
        rows.map(async (row, n) => {
          const counts = await pending[n]!;
          const ratePerMinute = rateOf(row, counts);
          return { counts, ratePerMinute, endsAt: await endOf(row, counts, ratePerMinute) };
        }),
      );
    },
  };
}
