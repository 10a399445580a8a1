import type { MadeOne, NotMade } from '@carillon/core/campaign/fan-out';
import type { Bucket } from '@carillon/core/campaign/window';
import type { TransactionSql } from 'postgres';
import type { WorkRow } from './launch.ts';

/** The part of a chunk that is made next, locked. */
export interface Slice {
  n: number;
  /** Of `recipient_ids`, from `made_upto` on; an erased recipient is null. */
  ids: (string | null)[];
  /** How many of the chunk are made before this slice. */
  from: number;
}

/**
 * Locks the chunk of a running campaign that is due first, and gives the first ids of it that are not made yet. Other
 * processes take other chunks meanwhile.
 *
 * @param most ids at most.
 */
export async function lockSlice(tx: TransactionSql, campaignId: string, most: number): Promise<Slice | null> {
  const [row] = await tx<Slice[]>`
    select n, recipient_ids[made_upto + 1 : made_upto + ${most}] as ids, made_upto as "from"
    from campaign_chunks
    where campaign_id = ${campaignId} and state = 'open' and due_at <= now()
      and exists (select from campaigns c where c.id = ${campaignId} and c.state = 'running')
    order by due_at, n
    limit 1
    for no key update skip locked`;
  return row ?? null;
}

/**
 * Locks the token bucket of a throttled campaign, until the slice is stored. `now` is PostgreSQL's.
 *
 * @returns null if the campaign no longer runs, or is locked by another process, which makes a slice or freezes a page.
 */
export async function lockBucket(
  tx: TransactionSql,
  campaignId: string,
): Promise<{ bucket: Bucket; throttlePerMinute: number | null; now: number } | null> {
  const [row] = await tx<
    [{ tokens: number; tokensAt: Date | null; throttlePerMinute: number | null; now: Date }?]
  >`
    select tokens, tokens_at as "tokensAt", throttle_per_minute as "throttlePerMinute", clock_timestamp() as now
    from campaigns where id = ${campaignId} and state = 'running'
    for no key update skip locked`;
  if (!row) return null;
  const { tokens, tokensAt, throttlePerMinute, now } = row;
  const bucket = { tokens, filledAtMs: tokensAt?.getTime() ?? null };
  return { bucket, throttlePerMinute, now: now.getTime() };
}

export async function storeBucket(
  tx: TransactionSql,
  campaignId: string,
  { tokens, filledAtMs }: Bucket,
): Promise<void> {
  const at = filledAtMs === null ? null : new Date(filledAtMs);
  await tx`update campaigns set tokens = ${tokens}, tokens_at = ${at} where id = ${campaignId}`;
}

/** Ids of one outbox row at most. */
const ANNOUNCED = 100;

/**
 * Stores a slice in one statement: the notifications, their outbox rows, the counts, and how far the chunk is. Repeated
 * after a crash nothing is doubled: the ids are derived from campaign and recipient, and what exists counts as
 * `already_made`.
 *
 * @param made ordered by id, as every statement that inserts notifications: two that wait for each other would deadlock.
 * @param unstorable stores the one notification as failed, without its data, which PostgreSQL refuses.
 * @returns how many notifications were made.
 */
export async function storeSlice(
  tx: TransactionSql,
  campaign: WorkRow,
  slice: Slice,
  made: readonly MadeOne[],
  notMade: readonly NotMade[],
  unstorable = false,
): Promise<number> {
  const { id: campaignId, appId, environment, definition, expiresAt } = campaign;
  const { route, priority, category = null } = definition;
  const rows = made.map(({ id, recipientId, channel, templateId, version, locale, data, variant }) => ({
    ...{ id, recipient_id: recipientId, channel, template_id: templateId, template_version: version, locale },
    ...{ data: unstorable ? {} : data, variant },
  }));
  const left = notMade.map(({ recipientId, reason, detail }) => ({
    recipient_id: recipientId,
    reason,
    detail,
  }));
  const state = unstorable ? 'failed' : 'pending';
  const [row] = await tx<[{ made: number }]>`
    with given as materialized (
      select r.*, 'carillon:campaign:' || ${campaignId}::text || '/'
        || left(encode(sha256(convert_to(r.recipient_id, 'UTF8')), 'hex'), 32) as key
      from json_to_recordset(${JSON.stringify(rows)}::text::json) as r (
        id uuid, recipient_id text, channel text, template_id uuid, template_version int, locale text, data json,
        variant smallint
      )
    ), fresh as (
      insert into notifications (
        id, app_id, environment, priority, channel, route, recipient_id, category, template_id, template_version, locale,
        data, idempotency_key, request_hash, expires_at, state, error_code, error, origin_id, origin_variant, created_at,
        updated_at
      )
      select id, ${appId}, ${environment}, ${priority}, channel, ${route as string[]}::text[], recipient_id, ${category},
        template_id, template_version, locale, data::jsonb, key, sha256(convert_to(key, 'UTF8')),
        ${expiresAt}::timestamptz, ${state}, ${unstorable ? 'unstorable' : null}::text,
        ${unstorable ? 'its data cannot be stored: PostgreSQL refuses it' : null}::text, ${campaignId}, variant,
        date_trunc('milliseconds', now()), date_trunc('milliseconds', now())
      from given
      order by id
      on conflict (id) do nothing
      returning id, channel, origin_variant
    ), announced as (
      insert into outbox (lane, app_id, ids)
      select lane, ${appId}::uuid, array_agg(id)
      from (
        select id, channel || '-' || ${priority}::text as lane,
          (row_number() over (partition by channel) - 1) / ${ANNOUNCED} as part
        from fresh where ${!unstorable}
      ) ready
      group by lane, part
    ), doubled as (
      select recipient_id, variant from given where id not in (select id from fresh)
    ), left_out as materialized (
      select recipient_id, reason, detail from json_to_recordset(${JSON.stringify(left)}::text::json) as l (
        recipient_id text, reason text, detail text
      )
    ), noted as (
      insert into campaign_not_made (campaign_id, recipient_id, reason, detail)
      select ${campaignId}::uuid, recipient_id, reason, detail from left_out where recipient_id is not null
      union all
      select ${campaignId}::uuid, recipient_id, 'already_made', null from doubled
      on conflict do nothing
    ), counted as (
      insert into count_changes (origin_id, variant, bucket, n)
      select ${campaignId}::uuid, origin_variant, 'made', count(*) from fresh group by origin_variant
      union all
      select ${campaignId}::uuid, origin_variant, 'failed', count(*) from fresh where ${unstorable} group by origin_variant
      union all
      select ${campaignId}::uuid, 0, 'not_made:' || reason, count(*) from left_out group by reason
      union all
      select ${campaignId}::uuid, 0, 'not_made:already_made', count(*) from doubled having count(*) > 0
    ), moved as (
      update campaign_chunks
      set made_upto = ${slice.from + slice.ids.length},
        state = case when cardinality(recipient_ids) = ${slice.from + slice.ids.length} then 'done' else 'open' end
      where campaign_id = ${campaignId} and n = ${slice.n}
    )
    select count(*)::int as made from fresh`;
  return row.made;
}
