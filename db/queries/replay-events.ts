import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';

/** More at once would hold their transaction for longer than a statement may take. */
export const MAX_REPLAYED = 100_000;

/**
 * Sends an endpoint the events of a range of time again, whatever came of them before. The overdue-events duty makes their
 * jobs: that is why they are due a minute ago.
 *
 * @returns how many; at most `limit`, oldest first.
 */
export async function replayEvents(
  sql: Sql,
  tenant: Tenant,
  endpointId: string,
  range: { from: Date; to: Date; eventTypes: readonly string[] },
  limit: number,
  actor: string,
): Promise<number> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx) => {
    const rows = await tx`
      insert into event_deliveries as d (event_id, endpoint_id, next_try_at)
      select e.id, w.id, now() - interval '1 minute'
      from webhook_endpoints w
      join lateral (
        select id from events
        where app_id = w.app_id and environment = w.environment and created_at >= ${range.from} and created_at < ${range.to}
          and (w.event_types = '{}' or type = any (w.event_types))
          and (cardinality(${range.eventTypes as string[]}::text[]) = 0 or type = any (${range.eventTypes as string[]}::text[]))
        order by created_at limit ${limit}
      ) e on true
      where w.id = ${endpointId}::uuid and w.app_id = ${appId} and w.environment = ${environment}
      on conflict (event_id, endpoint_id) do update
      set state = 'pending', tries = 0, next_try_at = excluded.next_try_at, lease_until = null
      returning 1`;
    await audit(tx, {
      appId,
      actor,
      action: 'webhook_endpoint.replay',
      subject: `webhook_endpoint:${endpointId}`,
      detail: {
        from: range.from.toISOString(),
        to: range.to.toISOString(),
        event_types: range.eventTypes,
        count: rows.length,
      },
    });
    return rows.length;
  });
}
