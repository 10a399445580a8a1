import type { TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/**
 * Adds recipients to a list.
 *
 * @param ids those that are in it already stay; duplicates count once.
 * @returns how many were added, and the ids that the tenant has no recipient of, in the given order.
 */
export async function addMembers(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  audienceId: string,
  ids: readonly string[],
): Promise<{ added: number; unknown: string[] }> {
  if (ids.length === 0) return { added: 0, unknown: [] };
  // The rows are locked against erasure: an id that is known here is a member or gone in the end.
  const known = await tx<{ id: string }[]>`
    select id from recipients
    where app_id = ${appId} and environment = ${environment} and id = any (${ids as string[]}::text[])
    order by id for key share`;
  const isKnown = new Set(known.map(({ id }) => id));
  const added = await tx`
    insert into audience_members (audience_id, recipient_id, app_id, environment)
    select ${audienceId}, id, ${appId}, ${environment} from unnest(${[...isKnown]}::text[]) as id
    on conflict (audience_id, recipient_id) do nothing`;
  return { added: added.count, unknown: [...new Set(ids)].filter((id) => !isKnown.has(id)) };
}

/** Takes recipients out of a list. @returns how many were in it. */
export async function removeMembers(
  tx: TransactionSql,
  audienceId: string,
  ids: readonly string[],
): Promise<number> {
  const gone = await tx`
    delete from audience_members where audience_id = ${audienceId} and recipient_id = any (${ids as string[]}::text[])`;
  return gone.count;
}

/** Takes everybody else out of a list. @returns how many that were. */
export async function removeOthers(
  tx: TransactionSql,
  audienceId: string,
  ids: readonly string[],
): Promise<number> {
  const gone = await tx`
    delete from audience_members m
    where m.audience_id = ${audienceId}
      and not exists (select from unnest(${ids as string[]}::text[]) as kept where kept = m.recipient_id)`;
  return gone.count;
}
