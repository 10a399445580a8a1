import { countFlows } from '@carillon/db/overview/count-flows';
import { type MeasuredNow, readMeasuredNow } from '@carillon/db/overview/read-measured';
import {
  type Level,
  pruneMinutes,
  storeLevels,
  storeMinute,
  uncountedMinutes,
} from '@carillon/db/overview/write-measured';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Keeps the figures behind the charts of the overview: counts each minute of the last day from its rows once it is over,
 * the newest first, and the levels of each minute by samples. A minute that is counted twice (after a crash, by two
 * processes) has the same result, so nothing here needs to be exact about who runs it. Runs in the leader.
 */
export interface OverviewOptions {
  sql: Sql;
  stopping?: AbortSignal;
  /** A turn begins no further minute after this time. */
  budgetMs?: number;
}

const EVERY_MS = 10_000;
/** Under a flood it is late rather than a burden. */
const REST_TIMES = 20;
const MINUTES_AT_A_TIME = 60;
const MINUTE_MS = 60_000;
const KEPT_MS = 48 * 60 * MINUTE_MS;
/** A level that was measured longer ago says nothing about this minute. */
const FRESH_MS = 60_000;

export function overview({ sql, stopping, budgetMs = 500 }: OverviewOptions): Duty {
  return {
    name: 'overview',
    everyMs: EVERY_MS,
    restTimes: REST_TIMES,
    async runOnce() {
      const { now, parts } = await readMeasuredNow(sql);
      const levels = levelsOf(now, parts);
      if (levels.length > 0) await storeLevels(sql, levels);
      await pruneMinutes(sql, new Date(now.getTime() - KEPT_MS));

      const endsAt = performance.now() + budgetMs;
      for (const minute of await uncountedMinutes(sql, MINUTES_AT_A_TIME)) {
        await storeMinute(sql, minute, await countFlows(sql, minute, new Date(minute.getTime() + MINUTE_MS)));
        if (stopping?.aborted || performance.now() > endsAt) break;
      }
      // A minute that is counted every minute is not worth a line in the log.
      return 0;
    },
  };
}

/** A lane or kind at 0 has no row, but each server that was asked has one: `dead` or `redis_bytes`. */
function levelsOf(now: Date, { redis, postgres, stuck }: MeasuredNow): Level[] {
  const isFresh = (part: { measuredAt: Date } | null): boolean =>
    part !== null && now.getTime() - part.measuredAt.getTime() < FRESH_MS;
  const levels: Level[] = [];
  const add = (series: string, label: string, value: number): void =>
    void levels.push({ series, label, value: Math.round(value) });
  if (redis && isFresh(redis)) {
    add('redis_bytes', '', redis.usedBytes);
    for (const { lane, waiting, oldestSeconds } of redis.lanes) {
      if (waiting > 0) add('lane_waiting', lane, waiting);
      if (oldestSeconds > 0) add('lane_oldest_ms', lane, oldestSeconds * 1000);
    }
  }
  if (postgres && isFresh(postgres)) {
    add('dead', '', postgres.dead);
    for (const { waitsFor, count } of postgres.doubts) if (count > 0) add('in_doubt', waitsFor, count);
    for (const { lane, lagSeconds } of postgres.outbox)
      if (lagSeconds > 0) add('relay_lag_ms', lane, lagSeconds * 1000);
  }
  if (stuck && isFresh(stuck)) {
    const total = Object.values(stuck.counts).reduce((sum, count) => sum + count, 0);
    if (total > 0) add('stuck', '', total);
  }
  return levels;
}
