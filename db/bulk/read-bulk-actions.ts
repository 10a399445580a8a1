import type { Environment } from '@carillon/core/notification/environment';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { BULK_ACTIONS, BULK_STATES } from '../schema/bulk.ts';

export type BulkVerb = (typeof BULK_ACTIONS)[number];

/** What a bulk action is to do. */
export interface BulkOrder {
  action: BulkVerb;
  /** Members of the list's query. */
  filter: Readonly<Record<string, string>>;
  /** Of a reschedule. */
  sendAt: Date | null;
  acceptDuplicateRisk: boolean;
  dryRun: boolean;
  ratePerSecond: number;
}

export interface BulkRow extends BulkOrder {
  id: string;
  appId: string;
  environment: Environment;
  state: (typeof BULK_STATES)[number];
  matched: number;
  matchedCompletely: boolean;
  done: number;
  skipped: Record<string, number>;
  actor: string;
  createdAt: Date;
  finishedAt: Date | null;
}

export const bulkColumns = (sql: Sql) => sql`
  id, app_id as "appId", environment, action, filter, send_at as "sendAt",
  accept_duplicate_risk as "acceptDuplicateRisk", dry_run as "dryRun", rate_per_second as "ratePerSecond", state,
  matched, matched_completely as "matchedCompletely", done, skipped, actor, created_at as "createdAt",
  finished_at as "finishedAt"`;

/** The earlier action with this idempotency key. */
export async function findBulkActionByKey(
  sql: Sql,
  { appId, environment }: Tenant,
  key: string,
): Promise<(BulkRow & { requestHash: Buffer }) | null> {
  const [row] = await sql<(BulkRow & { requestHash: Buffer })[]>`
    select ${bulkColumns(sql)}, request_hash as "requestHash" from bulk_actions
    where app_id = ${appId} and environment = ${environment} and idempotency_key = ${key}`;
  return row ?? null;
}

export async function getBulkAction(
  sql: Sql,
  { appId, environment }: Tenant,
  id: string,
): Promise<BulkRow | null> {
  const [row] = await sql<BulkRow[]>`
    select ${bulkColumns(sql)} from bulk_actions
    where id = ${id}::uuid and app_id = ${appId} and environment = ${environment}`;
  return row ?? null;
}

/** Newest first. */
export async function listBulkActions(
  sql: Sql,
  { appId, environment }: Tenant,
  limit: number,
  before?: { createdAt: string; id: string },
): Promise<(BulkRow & { position: string })[]> {
  return sql<(BulkRow & { position: string })[]>`
    select ${bulkColumns(sql)}, created_at::text as position from bulk_actions
    where app_id = ${appId} and environment = ${environment}
      ${before ? sql`and (created_at, id) < (${before.createdAt}::timestamptz, ${before.id}::uuid)` : sql``}
    order by created_at desc, id desc
    limit ${limit}`;
}

/** PostgreSQL's time, with microseconds. */
export async function bulkMoment(sql: Sql): Promise<string> {
  const [row] = await sql<[{ at: string }]>`select clock_timestamp()::text as at`;
  return row.at;
}

/** How many actions of a tenant are not over. */
export async function countRunningBulkActions(sql: Sql, { appId, environment }: Tenant): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select count(*)::int as count from bulk_actions
    where app_id = ${appId} and environment = ${environment} and state = 'running'`;
  return row.count;
}
