import { CANCELLABLE } from '@carillon/core/notification/by-request';
import type { Tenant } from '@carillon/db/connection/tenant';
import { cancelNotification as cancelRow } from '@carillon/db/notifications/reschedule';
import type { MovingContext } from '../context.ts';
import type { MovedNotification } from './moved.ts';
import { noSuchNotification, wrongState } from './moved.ts';

/**
 * Cancels a notification that is not being sent yet: once this returns it is never sent.
 *
 * @returns the notification; `changed` is false if it was cancelled before.
 * @throws MoveRefused 404, 409.
 */
export async function cancelNotification(
  { db, actor, onEntered }: MovingContext,
  { tenant, id }: { tenant: Tenant; id: string },
): Promise<MovedNotification & { changed: boolean }> {
  const move = await cancelRow(db, tenant, id, actor);
  if (move.outcome === 'not_found') throw noSuchNotification(id);
  if (move.outcome === 'moved') {
    const { channel, priority, state } = move.moved;
    onEntered?.({ appId: tenant.appId, channel, priority, provider: null, state });
    return { ...move.moved, changed: true };
  }
  const { state, sendAt, updatedAt } = move;
  if (state === 'cancelled') return { state, sendAt, updatedAt, changed: false };
  const remedy = 'Sending has begun or it has ended; it cannot be recalled.';
  throw wrongState(id, state, 'cancelled', CANCELLABLE, remedy);
}
