import type { CampaignContent, CampaignDefinition, CampaignSchedule } from '@carillon/core/campaign/campaign';
import type { CampaignState } from '@carillon/core/campaign/states';
import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';
import { storeOrigin } from '../origins/origins.ts';
import { stopOrigin } from '../origins/stops.ts';

/** A campaign as its launch and its slices need it. */
export interface WorkRow {
  id: string;
  appId: string;
  environment: Environment;
  name: string;
  state: CampaignState;
  definition: CampaignDefinition;
  schedule: CampaignSchedule | null;
  throttlePerMinute: number | null;
  expiresAt: Date | null;
  content: CampaignContent[] | null;
  startsAt: Date | null;
  startedAt: Date | null;
  frozenUpto: string | null;
  frozenAt: Date | null;
  /** It paused itself before. */
  selfPausedAt: Date | null;
}

/** The columns of WorkRow. */
const workColumns = (sql: Sql | TransactionSql) => sql`
  id, app_id as "appId", environment, name, state, definition, schedule, throttle_per_minute as "throttlePerMinute",
  expires_at as "expiresAt", content, starts_at as "startsAt", started_at as "startedAt", frozen_upto as "frozenUpto",
  frozen_at as "frozenAt", self_paused_at as "selfPausedAt"`;

/**
 * Starts the campaigns whose time has come: each is running from the commit on, and its origin is stored. Campaigns that
 * another process starts at the moment are left out.
 */
export async function startDue(sql: Sql, limit: number): Promise<WorkRow[]> {
  return sql.begin(async (tx) => {
    const rows = await tx<WorkRow[]>`
      update campaigns set state = 'running', started_at = date_trunc('milliseconds', now()), updated_at = now()
      where id in (
        select id from campaigns where state = 'scheduled' and starts_at <= now() order by starts_at limit ${limit}
        for update skip locked
      )
      returning ${workColumns(tx)}`;
    for (const { id, appId, environment, definition } of rows) {
      const { category = null, data, events } = definition;
      await storeOrigin(tx, { id, appId, environment, category, data, events });
    }
    return rows;
  });
}

/** Running campaigns, those that wait for the longest first. */
export async function runningCampaigns(sql: Sql): Promise<WorkRow[]> {
  return sql<WorkRow[]>`
    select ${workColumns(sql)} from campaigns where state = 'running' order by started_at, id limit 1000`;
}

/**
 * Locks a campaign whose audience is not frozen yet, for one page of it.
 *
 * @returns null if it no longer runs, is frozen, or is locked by another process.
 */
export async function lockForFreeze(tx: TransactionSql, id: string): Promise<WorkRow | null> {
  const [row] = await tx<WorkRow[]>`
    select ${workColumns(tx)} from campaigns
    where id = ${id} and state = 'running' and frozen_at is null
    for no key update skip locked`;
  return row ?? null;
}

/** A moment and those who are due then. */
export interface DueGroup {
  dueAt: Date;
  recipientIds: string[];
}

/** Recipients of one chunk at most. */
const CHUNK = 1_000;

/**
 * Stores a page of the audience as chunks, with what is planned, in the transaction that locked the campaign.
 *
 * @param upto the last recipient id of the page; null keeps the place.
 * @param tooLate recipients who are left out because their local moment has passed.
 * @param isLast the audience ends with this page.
 */
export async function storePage(
  tx: TransactionSql,
  campaignId: string,
  {
    groups,
    tooLate,
    upto,
    isLast,
  }: { groups: readonly DueGroup[]; tooLate: readonly string[]; upto: string | null; isLast: boolean },
): Promise<void> {
  const chunks = groups.flatMap(({ dueAt, recipientIds }) =>
    Array.from({ length: Math.ceil(recipientIds.length / CHUNK) }, (_, n) => ({
      due_at: dueAt.toISOString(),
      ids: recipientIds.slice(n * CHUNK, (n + 1) * CHUNK),
    })),
  );
  const made = chunks.reduce((sum, { ids }) => sum + ids.length, 0);
  await tx`
    with chunks as (
      insert into campaign_chunks (campaign_id, n, due_at, recipient_ids)
      select ${campaignId}::uuid, coalesce((select max(n) from campaign_chunks where campaign_id = ${campaignId}), 0) + c.place,
        c.due_at, c.ids
      from (
        select due_at, ids, (row_number() over ())::int as place
        from json_to_recordset(${JSON.stringify(chunks)}::text::json) as c (due_at timestamptz, ids text[])
      ) c
    ), late as (
      insert into campaign_not_made (campaign_id, recipient_id, reason)
      select ${campaignId}::uuid, id, 'too_late' from unnest(${tooLate as string[]}::text[]) as l (id)
      on conflict do nothing
    ), counted as (
      insert into count_changes (origin_id, variant, bucket, n)
      select ${campaignId}::uuid, 0, bucket, n
      from (
        values ('planned', ${made + tooLate.length}::int), ('not_made:too_late', ${tooLate.length}::int)
      ) as c (bucket, n)
      where n > 0
    )
    update campaigns
    set frozen_upto = coalesce(${upto}, frozen_upto), updated_at = now(),
      frozen_at = case when ${isLast} then now() end
    where id = ${campaignId}`;
}

/**
 * Ends a campaign that cannot be launched, or not to the end. What was made of it before and waits is cancelled, as when
 * a person cancels it.
 */
export async function failCampaign(tx: TransactionSql, id: string, reason: string): Promise<boolean> {
  const rows = await tx`
    update campaigns set state = 'failed', reason = ${reason}, ended_at = now(), updated_at = now()
    where id = ${id} and state in ('scheduled', 'running')
    returning id`;
  if (rows.length > 0) await stopOrigin(tx, id, 'cancelled');
  return rows.length > 0;
}
