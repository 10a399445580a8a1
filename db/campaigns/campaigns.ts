import type { CampaignContent, CampaignDefinition, CampaignSchedule } from '@carillon/core/campaign/campaign';
import type { CampaignState } from '@carillon/core/campaign/states';
import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** A campaign as people see it. What its launch and slices need beside is read by launch.ts. */
export interface CampaignRow {
  id: string;
  appId: string;
  environment: Environment;
  name: string;
  state: CampaignState;
  definition: CampaignDefinition;
  schedule: CampaignSchedule | null;
  throttlePerMinute: number | null;
  expiresAt: Date | null;
  /** Rises with every change by a person. */
  version: number;
  content: CampaignContent[] | null;
  startsAt: Date | null;
  frozenAt: Date | null;
  createdBy: string;
  /** Who changed its content, audience or schedule last. */
  updatedBy: string | null;
  /** Its app asks that another person approves it. */
  needsApproval: boolean;
  approvedBy: string | null;
  approvedVersion: number | null;
  /** Why it was paused or has failed. */
  reason: string | null;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
}

/** The columns of CampaignRow. */
export const campaignColumns = (sql: Sql | TransactionSql) => sql`
  id, app_id as "appId", environment, name, state, definition, schedule, throttle_per_minute as "throttlePerMinute",
  expires_at as "expiresAt", version, content, starts_at as "startsAt", frozen_at as "frozenAt",
  created_by as "createdBy", updated_by as "updatedBy", approved_by as "approvedBy",
  (select approves_campaigns from apps where apps.id = campaigns.app_id) as "needsApproval",
  approved_version as "approvedVersion", reason, created_at as "createdAt", updated_at as "updatedAt",
  started_at as "startedAt", ended_at as "endedAt"`;

/** A campaign of this tenant; null if it has none of that id. */
export async function getCampaign(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  id: string,
): Promise<CampaignRow | null> {
  const [row] = await sql<CampaignRow[]>`
    select ${campaignColumns(sql)} from campaigns
    where id = ${id} and app_id = ${appId} and environment = ${environment}`;
  return row ?? null;
}

/** The same, held until the end of the transaction: of two changes at once the second one sees the first. */
export async function lockCampaign(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  id: string,
): Promise<CampaignRow | null> {
  const [row] = await tx<CampaignRow[]>`
    select ${campaignColumns(tx)} from campaigns
    where id = ${id} and app_id = ${appId} and environment = ${environment}
    for update`;
  return row ?? null;
}

/** A place in the list: `created_at` to the microsecond, and the id. */
export interface CampaignPlace {
  at: string;
  id: string;
}

/** The tenant's campaigns, newest first, in some states or in all. */
export async function listCampaigns(
  sql: Sql,
  { appId, environment }: Tenant,
  {
    states,
    after,
    limit,
  }: { states?: readonly CampaignState[] | undefined; after?: CampaignPlace | undefined; limit: number },
): Promise<(CampaignRow & { at: string })[]> {
  return sql<(CampaignRow & { at: string })[]>`
    select ${campaignColumns(sql)}, created_at::text as at from campaigns
    where app_id = ${appId} and environment = ${environment}
      ${states === undefined ? sql`` : sql`and state = any (${states as CampaignState[]}::text[])`}
      ${after === undefined ? sql`` : sql`and (created_at, id) < (${after.at}::text::timestamptz, ${after.id}::uuid)`}
    order by created_at desc, id desc
    limit ${limit}`;
}

/** When the last part of a frozen audience that is not made yet comes due; null where nothing is left. */
export async function lastDue(sql: Sql, id: string): Promise<Date | null> {
  const [row] = await sql<{ at: Date | null }[]>`
    select max(due_at) as at from campaign_chunks where campaign_id = ${id} and state = 'open'`;
  return row?.at ?? null;
}

/** The hash of the request that created a campaign, as the audit log has it. */
export async function creationHash(sql: Sql | TransactionSql, id: string): Promise<string | null> {
  const [row] = await sql<{ hash: string | null }[]>`
    select detail ->> 'request_hash' as hash from audit_log
    where subject = ${`campaign:${id}`} and action = 'campaign.create' order by id limit 1`;
  return row?.hash ?? null;
}
