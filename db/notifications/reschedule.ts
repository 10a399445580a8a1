import { CANCELLABLE, RESCHEDULABLE } from '@carillon/core/notification/by-request';
import type { Channel } from '@carillon/core/notification/channel';
import { laneOf } from '@carillon/core/notification/lane';
import type { Priority } from '@carillon/core/notification/priority';
import type { State } from '@carillon/core/notification/states';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { countMove } from '../origins/count-changes.ts';
import { writeHistory } from './history.ts';

/** The result of a request to move a notification: it moved, it does not exist, or its state (or time) forbids it. */
export type Move =
  | { outcome: 'moved'; from: State; moved: MovedRow }
  | { outcome: 'not_found' }
  | { outcome: 'refused'; state: State; updatedAt: Date; sendAt: Date | null; expiresAt: Date | null };

export interface MovedRow {
  id: string;
  state: State;
  channel: Channel;
  priority: Priority;
  sendAt: Date | null;
  updatedAt: Date;
}

export interface LockedRow {
  id: string;
  state: State;
  sendAt: Date | null;
  expiresAt: Date | null;
  updatedAt: Date;
  /** When its texts were removed: it cannot be sent again. */
  redactedAt: Date | null;
  originId: string | null;
  originVariant: number | null;
  /** By the database's clock. */
  expired: boolean;
}

/** Locks a notification of this tenant, so that a decision made next still holds when it is written. */
export async function lockNotification(
  tx: TransactionSql,
  tenant: Tenant,
  id: string,
): Promise<LockedRow | undefined> {
  const [row] = await tx<LockedRow[]>`
    select id, state, send_at as "sendAt", expires_at as "expiresAt", updated_at as "updatedAt",
      redacted_at as "redactedAt", origin_id as "originId", origin_variant as "originVariant", coalesce(expires_at <= now(), false) as expired
    from notifications
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
    for update`;
  return row;
}

export function refused({
  state,
  updatedAt,
  sendAt,
  expiresAt,
}: LockedRow): Extract<Move, { outcome: 'refused' }> {
  return { outcome: 'refused', state, updatedAt, sendAt, expiresAt };
}

/** Who moves a notification, for its history. */
export interface MoveOrder {
  tenant: Tenant;
  id: string;
  /** `key:<key id>` or `staff:<id>`. */
  actor: string;
  /** The bulk action that it is part of; that has the entry in the audit log. */
  bulkId?: string;
}

/**
 * Cancels a notification before any call was made. Exact: the row is locked, so a worker claims it either before
 * (refused here) or never again. A job that still lies in a lane finds the row cancelled and ends.
 *
 * @param actor `key:<key id>`.
 */
export async function cancelNotification(sql: Sql, tenant: Tenant, id: string, actor: string): Promise<Move> {
  return sql.begin((tx) => cancelWithin(tx, { tenant, id, actor }));
}

/** The same within a transaction. */
export async function cancelWithin(tx: TransactionSql, order: MoveOrder): Promise<Move> {
  const { tenant, id } = order;
  const before = await lockNotification(tx, tenant, id);
  if (!before) return { outcome: 'not_found' };
  const [moved] = await tx<MovedRow[]>`
    update notifications set state = 'cancelled', next_attempt_at = null, updated_at = now()
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
      and state = any (${CANCELLABLE as string[]})
    returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt"`;
  if (!moved) return refused(before);
  await countMove(tx, { ...before, was: before.state, state: moved.state });
  const detail = { from: before.state };
  await record(tx, order, 'cancel', moved.state, 'cancelled by request', detail);
  return { outcome: 'moved', from: before.state, moved };
}

/** Writes the history of a notification that was moved, and its entry in the audit log unless a bulk action has it. */
export async function record(
  tx: TransactionSql,
  { tenant, id, actor, bulkId }: MoveOrder,
  action: 'cancel' | 'reschedule' | 'retry',
  state: State,
  reason: string,
  detail: Record<string, unknown>,
): Promise<void> {
  const whole = bulkId === undefined ? detail : { ...detail, bulk_id: bulkId };
  await writeHistory(tx, { notificationId: id, state, actor, reason, detail: whole });
  if (bulkId !== undefined) return;
  const subject = `notification:${id}`;
  await audit(tx, { appId: tenant.appId, actor, action: `notification.${action}`, subject, detail });
}

/**
 * Gives a notification that no worker has begun to send another time. `next_attempt_at` is authoritative, so this is
 * exact whatever jobs there are: one that comes too early is sent back by the claim until the row's own time.
 *
 * An expiry given as `ttl_seconds` moves along; one given as a time does not, and forbids a later send time.
 *
 * Due within the horizon, it gets an outbox row at once (`delivery.resumed`: an old job may lie in the lane). Farther
 * off, `queued_at` is cleared, which is what the promoter looks for when the time comes near.
 *
 * @param actor `key:<key id>`.
 * @param horizonMs how far ahead jobs are made.
 */
export async function rescheduleNotification(
  sql: Sql,
  tenant: Tenant,
  id: string,
  sendAt: Date,
  actor: string,
  horizonMs: number,
): Promise<Move> {
  return sql.begin((tx) => rescheduleWithin(tx, { tenant, id, actor }, sendAt, horizonMs));
}

/** The same within a transaction. */
export async function rescheduleWithin(
  tx: TransactionSql,
  order: MoveOrder,
  sendAt: Date,
  horizonMs: number,
): Promise<Move> {
  const { tenant, id } = order;
  const at = sendAt.toISOString();
  // A time to live is counted from `send_at`; an instant stays where it is.
  const expiresAt = tx`case when options ? 'ttl_seconds'
    then greatest(${at}::timestamptz, now()) + (options ->> 'ttl_seconds')::int * interval '1 second' else expires_at end`;
  const before = await lockNotification(tx, tenant, id);
  if (!before) return { outcome: 'not_found' };
  const [moved] = await tx<(MovedRow & { near: boolean })[]>`
    update notifications
    set state = 'scheduled', send_at = ${at}::timestamptz, next_attempt_at = ${at}::timestamptz, updated_at = now(),
      expires_at = ${expiresAt},
      queued_at = case when ${at}::timestamptz <= now() + ${horizonMs} * interval '1 millisecond' then now() end
    where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
      and state = any (${RESCHEDULABLE as string[]})
      and (expires_at is null or expires_at > now() and ${expiresAt} > ${at}::timestamptz)
    returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt",
      queued_at is not null as near`;
  if (!moved) return refused(before);
  const { near, ...row } = moved;
  if (near) {
    await tx`
      insert into outbox (kind, lane, ids, available_at)
      values ('delivery.resumed', ${laneOf(row.channel, row.priority)}, array[${id}]::uuid[], ${at}::timestamptz)`;
  }
  const detail = { from: before.state, send_at: at, previous_send_at: before.sendAt?.toISOString() ?? null };
  await record(tx, order, 'reschedule', row.state, `rescheduled by request to ${at}`, detail);
  return { outcome: 'moved', from: before.state, moved: row };
}
