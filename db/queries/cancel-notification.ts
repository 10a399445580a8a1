import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import { audit } from './audit.ts';
import { writeHistory } from './history.ts';
import { lockNotification, type Move, type MovedRow, refused, sourcesByRequest } from './move-by-request.ts';

export const CANCELLABLE = sourcesByRequest('cancelled', 'by request');

/**
 * Cancels a notification that nobody has begun to send. Exact: the row is locked, so a worker claims it either before
 * (refused here) or never again. A job that still lies in a lane finds the row cancelled and ends.
 *
 * @param actor `key:<key id>`.
 */
export async function cancelNotification(sql: Sql, tenant: Tenant, id: string, actor: string): Promise<Move> {
  return sql.begin(async (tx): Promise<Move> => {
    const before = await lockNotification(tx, tenant, id);
    if (!before) return { outcome: 'not_found' };
    const [moved] = await tx<MovedRow[]>`
      update notifications set state = 'cancelled', next_attempt_at = null, updated_at = now()
      where id = ${id}::uuid and app_id = ${tenant.appId} and environment = ${tenant.environment}
        and state = any (${CANCELLABLE as string[]})
      returning id, state, channel, priority, send_at as "sendAt", updated_at as "updatedAt"`;
    if (!moved) return refused(before);
    const detail = { from: before.state };
    await writeHistory(tx, {
      notificationId: id,
      state: 'cancelled',
      actor,
      reason: 'cancelled by request',
      detail,
    });
    await audit(tx, {
      appId: tenant.appId,
      actor,
      action: 'notification.cancel',
      subject: `notification:${id}`,
      detail,
    });
    return { outcome: 'moved', from: before.state, moved };
  });
}
