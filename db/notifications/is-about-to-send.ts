import type { Channel } from '@carillon/core/notification/channel';
import { FINAL_STATES, STATES } from '@carillon/core/notification/states';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

const OPEN_STATES = STATES.filter((state) => !(FINAL_STATES as readonly string[]).includes(state));

/** A person with more notifications than this is assumed to have an open one. */
const LOOKED_AT = 200;

/**
 * Whether a call to this person may be about to be written, based on preferences read before the caller's commit. Also
 * true during a claim: its notification is already open.
 */
export async function isAboutToSendTo(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientId: string,
): Promise<boolean> {
  const [row] = await sql<[{ maybe: boolean }]>`
    select coalesce(bool_or(environment = ${environment} and state = any (${OPEN_STATES as string[]}::text[])), false)
      or count(*) = ${LOOKED_AT} as maybe
    from (
      select environment, state from notifications
      where app_id = ${appId} and recipient_id = ${recipientId}
      order by created_at desc
      limit ${LOOKED_AT}
    ) newest`;
  return row.maybe;
}

/** The same for any of these people. */
export async function isAboutToSendToAny(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientIds: readonly string[],
): Promise<boolean> {
  if (recipientIds.length === 0) return false;
  const [row] = await sql<[{ maybe: boolean }]>`
    select exists (
      select from unnest(${recipientIds as string[]}::text[]) as of (id)
      cross join lateral (
        select bool_or(n.environment = ${environment} and n.state = any (${OPEN_STATES as string[]}::text[]))
          or count(*) = ${LOOKED_AT} as maybe
        from (
          select environment, state from notifications
          where app_id = ${appId} and recipient_id = of.id
          order by created_at desc
          limit ${LOOKED_AT}
        ) n
      ) newest
      where newest.maybe
    ) as maybe`;
  return row.maybe;
}

/**
 * The same for an address whose owner PostgreSQL does not know: whether any call of the tenant by this channel is in
 * progress. Suppressions are read after the claim has committed its attempt, so a call whose suppressions were read
 * before the caller's commit shows here.
 */
export async function isAboutToSendBy(
  sql: Sql,
  { appId, environment }: Tenant,
  channel: Channel,
): Promise<boolean> {
  const [row] = await sql<[{ maybe: boolean }]>`
    select exists (
      select from delivery_attempts a
      join notifications n on n.id = a.notification_id
      where a.finished_at is null and a.channel = ${channel} and n.app_id = ${appId} and n.environment = ${environment}
    ) as maybe`;
  return row.maybe;
}
