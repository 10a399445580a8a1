import type { CampaignContent, CampaignDefinition, CampaignSchedule } from '@carillon/core/campaign/campaign';
import type { CampaignState } from '@carillon/core/campaign/states';
import type { TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { type CampaignRow, campaignColumns } from './campaigns.ts';

/** What people write of a campaign. */
export interface CampaignFields {
  name: string;
  definition: CampaignDefinition;
  throttlePerMinute: number | null;
  expiresAt: Date | null;
}

/** @returns null if there is a campaign of that id already: the request was repeated. */
export async function insertCampaign(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  id: string,
  { name, definition, throttlePerMinute, expiresAt }: CampaignFields,
  actor: string,
): Promise<CampaignRow | null> {
  const [row] = await tx<CampaignRow[]>`
    insert into campaigns (id, app_id, environment, name, definition, throttle_per_minute, expires_at, created_by, updated_by)
    values (${id}, ${appId}, ${environment}, ${name}, ${JSON.stringify(definition)}::text::jsonb,
      ${throttlePerMinute}, ${expiresAt}, ${actor}, ${actor})
    on conflict (id) do nothing
    returning ${campaignColumns(tx)}`;
  return row ?? null;
}

/**
 * Writes what a person changed, with the next version.
 *
 * @param returns whether it becomes a draft again, whose review and approval are void.
 */
export async function updateCampaign(
  tx: TransactionSql,
  { id, version, approvedVersion }: CampaignRow,
  { name, definition, throttlePerMinute, expiresAt }: CampaignFields,
  returns: boolean,
  actor: string,
): Promise<CampaignRow> {
  // A name and a throttle are not what was approved.
  const keepsApproval = !returns && approvedVersion === version;
  if (returns) await tx`delete from campaign_reviews where campaign_id = ${id}`;
  const [row] = await tx<[CampaignRow]>`
    update campaigns
    set name = ${name}, definition = ${JSON.stringify(definition)}::text::jsonb,
      throttle_per_minute = ${throttlePerMinute}, expires_at = ${expiresAt}, version = version + 1,
      approved_version = ${keepsApproval ? version + 1 : null},
      approved_by = case when ${keepsApproval} then approved_by end,
      state = case when ${returns} then 'draft' else state end,
      content = case when ${returns} then null else content end,
      starts_at = case when ${returns} then null else starts_at end,
      updated_at = now(), updated_by = ${actor}
    where id = ${id}
    returning ${campaignColumns(tx)}`;
  return row;
}

/** Plans a campaign: what it sends is pinned, and its launch may begin at `startsAt`. */
export async function scheduleCampaign(
  tx: TransactionSql,
  id: string,
  {
    schedule,
    startsAt,
    content,
    actor,
  }: { schedule: CampaignSchedule; startsAt: Date; content: readonly CampaignContent[]; actor: string },
): Promise<CampaignRow> {
  const [row] = await tx<[CampaignRow]>`
    update campaigns
    set state = 'scheduled', schedule = ${JSON.stringify(schedule)}::text::jsonb,
      starts_at = ${startsAt}, content = ${JSON.stringify(content)}::text::jsonb,
      reason = null, updated_at = now(), updated_by = ${actor}
    where id = ${id}
    returning ${campaignColumns(tx)}`;
  return row;
}

/** Moves a locked campaign by request. The guards are CAMPAIGN_MOVES of core. */
export async function moveCampaign(
  tx: TransactionSql,
  id: string,
  state: CampaignState,
  reason: string | null,
): Promise<CampaignRow> {
  const [row] = await tx<[CampaignRow]>`
    update campaigns
    set state = ${state}, reason = ${reason}, updated_at = now(),
      ended_at = case when ${state === 'cancelled'} then now() else ended_at end
    where id = ${id}
    returning ${campaignColumns(tx)}`;
  return row;
}

/** Notes who approved the version that a locked campaign has. */
export async function approveCampaign(tx: TransactionSql, id: string, actor: string): Promise<CampaignRow> {
  const [row] = await tx<[CampaignRow]>`
    update campaigns set approved_by = ${actor}, approved_version = version, updated_at = now()
    where id = ${id}
    returning ${campaignColumns(tx)}`;
  return row;
}

export async function deleteCampaign(tx: TransactionSql, id: string): Promise<void> {
  await tx`delete from campaigns where id = ${id}`;
}
