import type { Sql } from 'postgres';

/**
 * Removes the frozen audiences of campaigns that ended before a moment, and what says for whom nothing was made. The
 * campaigns and their counts stay.
 *
 * @returns how many rows were removed.
 */
export async function pruneAudiences(sql: Sql, before: Date, limit: number): Promise<number> {
  const old = sql`campaign_id in (select id from campaigns where ended_at < ${before})`;
  const [row] = await sql<[{ count: number }]>`
    with chunks as (
      delete from campaign_chunks where (campaign_id, n) in (
        select campaign_id, n from campaign_chunks where ${old} limit ${limit} for update skip locked
      ) returning 1
    ), not_made as (
      delete from campaign_not_made where (campaign_id, recipient_id) in (
        select campaign_id, recipient_id from campaign_not_made where ${old} limit ${limit} for update skip locked
      ) returning 1
    )
    select (select count(*) from chunks)::int + (select count(*) from not_made)::int as count`;
  return row.count;
}

/** How long campaigns and their counts are kept after their end, in days. */
export const COUNTS_DAYS = 400;

/**
 * Removes origins of campaigns that ended before a moment and of which no notification is left, with their stops.
 *
 * @returns how many.
 */
export async function pruneOrigins(sql: Sql, before: Date, limit: number): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    with gone as (
      delete from origins where id in (
        select o.id from origins o join campaigns c on c.id = o.id
        where c.ended_at < ${before} and not exists (select from notifications n where n.origin_id = o.id)
        limit ${limit}
        for update of o skip locked
      ) returning id
    ), unstopped as (
      delete from stops where origin_id in (select id from gone)
    )
    select count(*)::int as count from gone`;
  return row.count;
}

/** Removes campaigns that ended before a moment, with their counts. */
export async function pruneCampaigns(sql: Sql, before: Date, limit: number): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    with gone as (
      delete from campaigns where id in (
        select c.id from campaigns c
        where c.ended_at < ${before} and not exists (select from origins o where o.id = c.id)
        limit ${limit}
        for update skip locked
      ) returning id
    ), uncounted as (
      delete from counts where origin_id in (select id from gone)
    )
    select count(*)::int as count from gone`;
  return row.count;
}
