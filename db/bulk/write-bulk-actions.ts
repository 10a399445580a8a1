import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { type BulkOrder, type BulkRow, bulkColumns, getBulkAction } from './read-bulk-actions.ts';

export interface NewBulkAction extends BulkOrder {
  idempotencyKey: string | null;
  requestHash: Buffer;
  matched: number;
  matchedCompletely: boolean;
  actor: string;
  /** When its notifications were counted, as PostgreSQL's text: later ones are not its. */
  countedAt: string;
}

/**
 * Stores a bulk action, with its one entry in the audit log. A dry run is over at once.
 *
 * @returns null if its idempotency key was used before.
 */
export async function addBulkAction(sql: Sql, tenant: Tenant, order: NewBulkAction): Promise<BulkRow | null> {
  return sql.begin(async (tx) => {
    const state = order.dryRun ? 'done' : 'running';
    const [row] = await tx<BulkRow[]>`
      insert into bulk_actions (app_id, environment, idempotency_key, request_hash, action, filter, send_at,
        accept_duplicate_risk, dry_run, rate_per_second, state, matched, matched_completely, actor, created_at, finished_at)
      values (${tenant.appId}, ${tenant.environment}, ${order.idempotencyKey}, ${order.requestHash}, ${order.action},
        ${JSON.stringify(order.dryRun ? withoutAddress(order.filter) : order.filter)}::text::jsonb, ${order.sendAt}, ${order.acceptDuplicateRisk}, ${order.dryRun},
        ${order.ratePerSecond}, ${state}, ${order.matched}, ${order.matchedCompletely}, ${order.actor},
        ${order.countedAt}::timestamptz, case when ${order.dryRun} then now() end)
      on conflict (app_id, environment, idempotency_key) where idempotency_key is not null do nothing
      returning ${bulkColumns(sql)}`;
    if (!row) return null;
    if (!order.dryRun) {
      await audit(tx, {
        appId: tenant.appId,
        actor: order.actor,
        action: `notification.bulk_${order.action}`,
        subject: `bulk:${row.id}`,
        detail: {
          filter: withoutAddress(order.filter),
          matched: order.matched,
          environment: tenant.environment,
        },
      });
    }
    return row;
  });
}

/** An action that is over, and the audit log, hold no address: it may be that of a person who is erased later. */
export const REMOVED_ADDRESS = '(removed)';

const withoutAddress = ({ address, ...filter }: BulkOrder['filter']) =>
  address === undefined ? filter : { ...filter, address: REMOVED_ADDRESS };

/** The assignments that end an action. */
export const ended = (sql: Sql, state: 'done' | 'stopped') => sql`
  state = ${state}, finished_at = now(),
  filter = case when filter ? 'address' then jsonb_set(filter, '{address}', to_jsonb(${REMOVED_ADDRESS}::text)) else filter end`;

/**
 * Stops an action: once this returns it moves nothing further. What it has moved stays moved.
 *
 * @returns the action as it is now; null if there is none.
 */
export async function stopBulkAction(
  sql: Sql,
  tenant: Tenant,
  id: string,
  actor: string,
): Promise<BulkRow | null> {
  return sql.begin(async (tx) => {
    const [stopped] = await tx<BulkRow[]>`
      update bulk_actions set ${ended(sql, 'stopped')}
      where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment} and state = 'running'
      returning ${bulkColumns(sql)}`;
    if (!stopped) return getBulkAction(sql, tenant, id);
    const detail = { done: stopped.done, skipped: stopped.skipped };
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'notification.bulk_stop',
      subject: `bulk:${id}`,
      detail,
    });
    return stopped;
  });
}
