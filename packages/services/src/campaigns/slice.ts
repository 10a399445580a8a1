import {
  type FanOut,
  type FanOutTexts,
  fanOut,
  type MadeOne,
  type NotMade,
} from '@carillon/core/campaign/fan-out';
import { type Bucket, fillBucket, spend } from '@carillon/core/campaign/window';
import type { WorkRow } from '@carillon/db/campaigns/launch';
import { readPeople } from '@carillon/db/campaigns/read-people';
import { lockBucket, lockSlice, type Slice, storeBucket, storeSlice } from '@carillon/db/campaigns/slices';
import { loadTexts } from '@carillon/db/campaigns/texts';
import { sqlFailure } from '@carillon/db/connection/sql-state';
import type { Sql, TransactionSql } from 'postgres';

/** Recipients of one slice at most: a chunk. */
export const SLICE = 1_000;

/** `none`: no chunk is due, or the throttle allows none now. */
export type SliceResult = { made: number; handled: number } | 'none';

/** Texts of pinned template versions, by campaign: they never change. */
export type TextsCache = Map<string, Promise<ReadonlyMap<number, FanOutTexts>>>;

const MAX_CACHED = 100;

/**
 * Makes the next slice of a running campaign: notifications, their outbox rows and counts in one commit, under the lock
 * of the chunk. Several processes make slices of one campaign side by side.
 *
 * A slice that PostgreSQL refuses because of a value in it is made in halves; the one notification that is left is
 * stored as failed.
 *
 * @param most recipients at most.
 */
export async function makeSlice(
  sql: Sql,
  campaign: WorkRow,
  cache: TextsCache,
  most = SLICE,
): Promise<SliceResult> {
  const texts = await textsOf(sql, campaign, cache);
  const attempt = (limit: number, unstorable: boolean) =>
    sql.begin((tx) => sliceWithin(tx, campaign, planOf(campaign, texts), limit, unstorable));
  for (let limit = Math.min(most, SLICE); ; limit = Math.floor(limit / 2)) {
    try {
      return await attempt(limit, false);
    } catch (error) {
      if (sqlFailure(error) !== 'data') throw error;
      if (limit <= 1) return attempt(1, true);
    }
  }
}

async function sliceWithin(
  tx: TransactionSql,
  campaign: WorkRow,
  plan: FanOut,
  most: number,
  unstorable: boolean,
): Promise<SliceResult> {
  const bucket = campaign.throttlePerMinute === null ? null : await filledBucket(tx, campaign.id);
  if (bucket === 'busy') return 'none';
  const allowed = bucket === null ? most : spend(bucket, most).allowed;
  if (allowed === 0) return 'none';
  const slice = await lockSlice(tx, campaign.id, allowed);
  if (slice === null) return 'none';
  const { made, notMade } = await judge(tx, campaign, plan, slice);
  const count = await storeSlice(tx, campaign, slice, made, notMade, unstorable);
  if (bucket !== null) await storeBucket(tx, campaign.id, spend(bucket, count).bucket);
  return { made: count, handled: slice.ids.length };
}

/** The token bucket of a throttled campaign, under its lock; null if the throttle was lifted meanwhile. */
async function filledBucket(tx: TransactionSql, campaignId: string): Promise<Bucket | 'busy' | null> {
  const held = await lockBucket(tx, campaignId);
  if (held === null) return 'busy';
  if (held.throttlePerMinute === null) return null;
  return fillBucket(held.bucket, held.throttlePerMinute, held.now);
}

async function judge(
  tx: TransactionSql,
  { appId, environment, definition }: WorkRow,
  plan: FanOut,
  { ids }: Slice,
): Promise<{ made: MadeOne[]; notMade: NotMade[] }> {
  const present = ids.filter((id) => id !== null);
  const people = await readPeople(tx, { appId, environment }, present, definition.variables);
  const made: MadeOne[] = [];
  const notMade: NotMade[] = [];
  for (const id of ids) {
    const one: MadeOne | NotMade =
      id === null ? { recipientId: null, reason: 'unknown' } : fanOut(plan, id, people.get(id));
    if ('reason' in one) notMade.push(one);
    else made.push(one);
  }
  made.sort((a, b) => (a.id < b.id ? -1 : 1));
  return { made, notMade };
}

function planOf({ id, appId, environment, definition }: WorkRow, texts: FanOut['texts']): FanOut {
  const { route, data, variants, holdout_percent: holdoutPercent } = definition;
  const division = { weights: variants.map(({ weight }) => weight), holdoutPercent };
  return { campaignId: id, appId, environment, route, data, division, texts };
}

function textsOf(sql: Sql, campaign: WorkRow, cache: TextsCache): Promise<ReadonlyMap<number, FanOutTexts>> {
  const known = cache.get(campaign.id);
  if (known) return known;
  const loading = loadTexts(sql, campaign.content ?? []);
  if (cache.size >= MAX_CACHED) cache.delete(cache.keys().next().value!);
  cache.set(campaign.id, loading);
  loading.catch(() => cache.delete(campaign.id));
  return loading;
}
