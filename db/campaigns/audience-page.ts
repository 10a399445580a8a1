import type { Sql, TransactionSql } from 'postgres';
import type { Fragment } from '../audiences/compile-time.ts';
import type { Tenant } from '../connection/tenant.ts';

/** Recipients of one time zone; null for those who have none. */
export interface ZoneMembers {
  timeZone: string | null;
  ids: string[];
}

export interface AudiencePage {
  zones: readonly ZoneMembers[];
  /** The last id of the page; null if it is empty. */
  upto: string | null;
}

/**
 * The next recipients that meet a filter, in the order of their ids, by time zone: a row for each zone and not for each
 * recipient, of whom a page has thousands.
 *
 * @param matches over `recipients` named `r`.
 * @param after the last id of the page before; null begins.
 */
export async function readMatching(
  tx: Sql | TransactionSql,
  { appId, environment }: Tenant,
  matches: Fragment,
  after: string | null,
  limit: number,
): Promise<AudiencePage> {
  const zones = await tx<(ZoneMembers & { upto: string })[]>`
    with page as materialized (
      select r.id, r.time_zone from recipients r
      where r.app_id = ${appId} and r.environment = ${environment}
        ${after === null ? tx`` : tx`and r.id > ${after}`} and ${matches}
      order by r.id
      limit ${limit}
    )
    select time_zone as "timeZone", json_agg(id) as ids, (select max(id) from page) as upto
    from page group by time_zone order by min(id)`;
  return { zones, upto: zones[0]?.upto ?? null };
}

/** The listed ids, in their order, also those that no recipient has: they are accounted for as unknown. */
export async function readListed(
  tx: Sql | TransactionSql,
  { appId, environment }: Tenant,
  ids: readonly string[],
): Promise<AudiencePage> {
  const zones = await tx<ZoneMembers[]>`
    select r.time_zone as "timeZone", json_agg(l.id order by l.place) as ids
    from unnest(${ids as string[]}::text[]) with ordinality as l (id, place)
    left join recipients r on r.app_id = ${appId} and r.environment = ${environment} and r.id = l.id
    group by r.time_zone order by min(l.place)`;
  return { zones, upto: ids.at(-1) ?? null };
}

/** Whether the frozen audience of a campaign has nobody in it. */
export async function emptyCampaign(tx: Sql | TransactionSql, campaignId: string): Promise<boolean> {
  const [row] = await tx<[{ empty: boolean }]>`
    select not exists (select from campaign_chunks where campaign_id = ${campaignId})
      and not exists (select from campaign_not_made where campaign_id = ${campaignId}) as empty`;
  return row.empty;
}
