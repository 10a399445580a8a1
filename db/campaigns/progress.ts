import type { CampaignCounts } from '@carillon/core/campaign/counts';
import type { Sql, TransactionSql } from 'postgres';
import { readCounts } from '../origins/read-counts.ts';
import { stopOrigin } from '../origins/stops.ts';

/**
 * Ends a campaign whose audience is frozen, of whom everybody was made or left out, and of which nothing is open: read
 * once more under the lock of the campaign.
 *
 * @returns its counts if it is done now; null otherwise.
 */
export async function finishCampaign(tx: TransactionSql, id: string): Promise<CampaignCounts | null> {
  const [row] = await tx`
    select from campaigns where id = ${id} and state = 'running' and frozen_at is not null for no key update skip locked`;
  if (!row) return null;
  const { whole } = (await readCounts(tx, [id])).get(id)!;
  if (whole.remaining !== 0 || whole.open !== 0) return null;
  await tx`update campaigns set state = 'done', ended_at = now(), updated_at = now() where id = ${id}`;
  return whole;
}

/**
 * Pauses a running campaign without a request, once in its life.
 *
 * @returns whether it was paused now.
 */
export async function pauseByItself(tx: TransactionSql, id: string, reason: string): Promise<boolean> {
  const rows = await tx`
    update campaigns set state = 'paused', reason = ${reason}, self_paused_at = now(), updated_at = now()
    where id = ${id} and state = 'running' and self_paused_at is null
    returning id`;
  if (rows.length > 0) await stopOrigin(tx, id, 'paused');
  return rows.length > 0;
}

/**
 * Campaigns whose notifications are all there still: those that run, and those that ended a short while ago.
 *
 * @param endedWithinMs how long ago.
 */
export async function campaignsToAudit(
  sql: Sql,
  endedWithinMs: number,
): Promise<{ id: string; isOver: boolean }[]> {
  return sql<{ id: string; isOver: boolean }[]>`
    select id, state in ('done', 'cancelled', 'failed') as "isOver" from campaigns
    where started_at is not null
      and (state in ('running', 'paused') or ended_at > now() - ${endedWithinMs} * interval '1 millisecond')
    order by started_at, id`;
}
