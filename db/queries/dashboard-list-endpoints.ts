import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';
import type { EVENT_DELIVERY_STATES } from '../schema/event-deliveries.ts';
import { type EndpointRow, endpointColumns } from './find-webhook-endpoint.ts';

/** An endpoint of any app, as staff see it. */
export interface ListedEndpoint extends EndpointRow {
  appId: string;
  environment: Environment;
  appName: string;
  /** What became of the newest event for it; null if there was none. */
  lastState: (typeof EVENT_DELIVERY_STATES)[number] | null;
  lastStatus: number | null;
  lastTriedAt: Date | null;
}

/** Endpoints of all apps by the apps' names; of each app first what is disabled, then what fails, then the oldest. */
export async function listEndpoints(sql: Sql, limit: number): Promise<ListedEndpoint[]> {
  return sql<ListedEndpoint[]>`
    ${endpointsWithLast(sql)}
    order by a.name, a.id, w.environment, w."disabledAt" is null, w."failingSince" is null, w."createdAt", w.id
    limit ${limit}`;
}

/** One endpoint, whosever it is. */
export async function readEndpoint(sql: Sql, id: string): Promise<ListedEndpoint | null> {
  const [row] = await sql<ListedEndpoint[]>`${endpointsWithLast(sql)} where w.id = ${id}::uuid`;
  return row ?? null;
}

function endpointsWithLast(sql: Sql) {
  return sql`
    select w.*, a.name as "appName", last.state as "lastState", last.last_status as "lastStatus",
      last.last_tried_at as "lastTriedAt"
    from (select app_id as "appId", environment, ${endpointColumns(sql)} from webhook_endpoints) w
    join apps a on a.id = w."appId"
    left join lateral (
      select state, last_status, last_tried_at from event_deliveries
      where endpoint_id = w.id order by created_at desc limit 1
    ) last on true`;
}
