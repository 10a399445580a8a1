import { RESCHEDULABLE } from '@carillon/core/notification/by-request';
import { HORIZON_MS } from '@carillon/core/notification/horizon';
import type { Tenant } from '@carillon/db/connection/tenant';
import { rescheduleNotification as rescheduleRow } from '@carillon/db/notifications/reschedule';
import type { WakingContext } from '../context.ts';
import type { MovedNotification } from './moved.ts';
import { MoveRefused, noSuchNotification, wrongState } from './moved.ts';

/**
 * Changes the send time of a notification that is not being sent yet; a time in the past means now.
 *
 * @throws MoveRefused 404, 409, and 422 for a time that is not before its expiry.
 */
export async function rescheduleNotification(
  { db, actor, wake }: WakingContext,
  { tenant, id, sendAt }: { tenant: Tenant; id: string; sendAt: Date },
): Promise<MovedNotification> {
  const move = await rescheduleRow(db, tenant, id, sendAt, actor, HORIZON_MS);
  if (move.outcome === 'not_found') throw noSuchNotification(id);
  if (move.outcome === 'moved') {
    wake(move.moved.priority);
    return move.moved;
  }
  if (RESCHEDULABLE.includes(move.state)) throw tooLate(id, sendAt, move.expiresAt);
  throw wrongState(id, move.state, 'rescheduled', RESCHEDULABLE, 'Send a new notification instead.');
}

function tooLate(id: string, sendAt: Date, expiresAt: Date | null): MoveRefused {
  const message = `${sendAt.toISOString()} is not before expires_at (${expiresAt?.toISOString()}) of notification ${id}; give an earlier time, or send a new notification if it has expired`;
  return new MoveRefused('untimely', 'invalid_request', `send_at: ${message}`, {
    errors: [{ path: 'send_at', message }],
  });
}
