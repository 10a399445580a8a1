import { laneOf } from '@carillon/core/lane';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import { writeHistory } from './history.ts';
import { lockNotification, type Move, type MovedRow, refused, sourcesByRequest } from './move-by-request.ts';

export const RESCHEDULABLE = sourcesByRequest('scheduled', 'rescheduled by request');

/**
 * Gives a notification that nobody has begun to send another time. `next_attempt_at` is the truth, so this is exact
 * whatever jobs there are: one that comes too early is sent back by the claim until the row's own time.
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
  const at = sendAt.toISOString();
  return sql.begin(async (tx): Promise<Move> => {
    const before = await lockNotification(tx, tenant, id);
    if (!before) return { outcome: 'not_found' };
    const [moved] = await tx<(MovedRow & { near: boolean })[]>`
      update notifications
      set state = 'scheduled', send_at = ${at}::timestamptz, next_attempt_at = ${at}::timestamptz, updated_at = now(),
        queued_at = case when ${at}::timestamptz <= now() + ${horizonMs} * interval '1 millisecond' then now() end
      where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
        and state = any (${RESCHEDULABLE as string[]})
        and (expires_at is null or expires_at > greatest(${at}::timestamptz, now()))
      returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt",
        queued_at is not null as near`;
    if (!moved) return refused(before);
    const { near, ...row } = moved;
    if (near) {
      await tx`
        insert into outbox (kind, lane, ids, available_at)
        values ('delivery.resumed', ${laneOf(row.channel, row.priority)}, array[${id}]::uuid[], ${at}::timestamptz)`;
    }
    const detail = {
      from: before.state,
      send_at: at,
      previous_send_at: before.sendAt?.toISOString() ?? null,
    };
    const reason = `rescheduled by request to ${at}`;
    await writeHistory(tx, { notificationId: id, state: 'scheduled', actor, reason, detail });
    const subject = `notification:${id}`;
    await audit(tx, { appId: tenant.appId, actor, action: 'notification.reschedule', subject, detail });
    return { outcome: 'moved', from: before.state, moved: row };
  });
}
