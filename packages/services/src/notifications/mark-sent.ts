import { SETTLEABLE } from '@carillon/core/notification/by-request';
import type { Tenant } from '@carillon/db/connection/tenant';
import { type Knowledge, markSent as markSentRow } from '@carillon/db/notifications/mark-sent';
import type { MovingContext } from '../context.ts';
import type { MovedNotification } from './moved.ts';
import { MoveRefused, noSuchNotification, wrongState } from './moved.ts';

/**
 * Settles a doubt: a person confirmed that the provider has it. It becomes `sent` and is not sent again.
 *
 * @throws MoveRefused 404, 409, and 422 for a provider id that belongs to another notification.
 */
export async function markSent(
  { db, actor, onEntered }: MovingContext,
  { tenant, id, ...knowledge }: Knowledge & { tenant: Tenant; id: string },
): Promise<MovedNotification> {
  const move = await markSentRow(db, tenant, id, knowledge, actor);
  if (move.outcome === 'not_found') throw noSuchNotification(id);
  if (move.outcome === 'moved') {
    const { channel, priority, state } = move.moved;
    onEntered?.({ appId: tenant.appId, channel, priority, provider: move.provider, state });
    return move.moved;
  }
  if (move.outcome === 'taken') {
    const shown = JSON.stringify(knowledge.providerMessageId);
    const message = `${shown.length > 80 ? `${shown.slice(0, 77)}...` : shown} is the id of another notification's message; copy the one of this message, or leave it out`;
    throw new MoveRefused('taken', 'invalid_request', `provider_message_id: ${message}`, {
      errors: [{ path: 'provider_message_id', message }],
    });
  }
  const remedy = 'There is no doubt to settle; look at its timeline.';
  throw wrongState(id, move.state, 'marked as sent', SETTLEABLE, remedy);
}
