import type { Sql, TransactionSql } from 'postgres';
import type { Fragment } from '../audiences/compile-time.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { PageMember } from './launch.ts';

/**
 * Recipients that meet a filter, in the order of their ids.
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
): Promise<PageMember[]> {
  return tx<PageMember[]>`
    select r.id, r.time_zone as "timeZone" from recipients r
    where r.app_id = ${appId} and r.environment = ${environment}
      ${after === null ? tx`` : tx`and r.id > ${after}`} and ${matches}
    order by r.id
    limit ${limit}`;
}

/** The listed ids in their order, also those that no recipient has: they are accounted for as unknown. */
export async function readListed(
  tx: Sql | TransactionSql,
  { appId, environment }: Tenant,
  ids: readonly string[],
): Promise<PageMember[]> {
  return tx<PageMember[]>`
    select l.id, r.time_zone as "timeZone"
    from unnest(${ids as string[]}::text[]) with ordinality as l (id, place)
    left join recipients r on r.app_id = ${appId} and r.environment = ${environment} and r.id = l.id
    order by l.place`;
}

/** Whether the frozen audience of a campaign has nobody in it. */
export async function emptyCampaign(tx: Sql | TransactionSql, campaignId: string): Promise<boolean> {
  const [row] = await tx<[{ empty: boolean }]>`
    select not exists (select from campaign_chunks where campaign_id = ${campaignId})
      and not exists (select from campaign_not_made where campaign_id = ${campaignId}) as empty`;
  return row.empty;
}
