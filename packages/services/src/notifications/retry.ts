import { RETRYABLE } from '@carillon/core/notification/by-request';
import type { State } from '@carillon/core/notification/states';
import type { Tenant } from '@carillon/db/connection/tenant';
import { retryNotification as retryRow } from '@carillon/db/notifications/retry-notification';
import type { WakingContext } from '../context.ts';
import type { MovedNotification } from './moved.ts';
import { MoveRefused, noSuchNotification, wrongState } from './moved.ts';

/**
 * Starts a new cycle of attempts for a notification that is dead, failed or in doubt.
 *
 * @param input.acceptRisk the caller accepts that a message that may have arrived may arrive twice.
 * @throws MoveRefused 404, 409.
 */
export async function retryNotification(
  { db, actor, wake }: WakingContext,
  { tenant, id, acceptRisk }: { tenant: Tenant; id: string; acceptRisk: boolean },
): Promise<MovedNotification> {
  const move = await retryRow(db, tenant, id, acceptRisk, actor);
  if (move.outcome === 'not_found') throw noSuchNotification(id);
  if (move.outcome === 'moved') {
    wake(move.moved.priority);
    return move.moved;
  }
  if (move.outcome === 'doubtful') throw doubtful(id, move.state);
  if (move.outcome === 'origin_cancelled') {
    throw new MoveRefused(
      'refused',
      'invalid_state',
      `Notification ${id} is ${move.state} and of a cancelled campaign: its messages are not sent. Send a new notification.`,
    );
  }
  if (move.outcome === 'redacted') {
    throw new MoveRefused(
      'redacted',
      'invalid_state',
      `Notification ${id} is ${move.state} and of a secret category: its texts were removed at ${move.redactedAt.toISOString()}, so there is nothing to send again. Send a new notification.`,
    );
  }
  if (RETRYABLE.includes(move.state)) {
    throw new MoveRefused(
      'refused',
      'invalid_state',
      `Notification ${id} is ${move.state} and expired at ${move.expiresAt?.toISOString()}; a retry would only expire it. Send a new notification.`,
    );
  }
  throw wrongState(id, move.state, 'retried', RETRYABLE, 'It is still under way, or it ended as intended.');
}

function doubtful(id: string, state: State): MoveRefused {
  const [why, otherwise] =
    state === 'in_doubt'
      ? ['', 'else wait for it to be settled, or mark it as sent if you know that it was']
      : [' and its last attempt is in doubt', 'else leave it'];
  return new MoveRefused(
    'doubtful',
    'invalid_state',
    `Notification ${id} is ${state}${why}: the provider may have delivered it already. If it may arrive twice, repeat this with {"accept_duplicate_risk": true}; ${otherwise}.`,
  );
}
