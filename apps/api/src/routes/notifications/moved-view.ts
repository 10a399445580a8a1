import { ProblemError } from '@carillon/core/problem';
import { STATES, type State } from '@carillon/core/states';
import type { Move } from '@carillon/db/queries/move-by-request';
import { z } from '@hono/zod-openapi';

export const movedSchema = z
  .object({
    id: z.uuid(),
    notification_id: z.uuid().describe('The same as `id`.'),
    status: z.enum(STATES),
    send_at: z.iso.datetime().nullable(),
    updated_at: z.iso.datetime(),
  })
  .openapi('MovedNotification');

interface Moved {
  state: State;
  sendAt: Date | null;
  updatedAt: Date;
}

export function viewMoved(id: string, { state, sendAt, updatedAt }: Moved): z.input<typeof movedSchema> {
  return {
    id,
    notification_id: id,
    status: state,
    send_at: sendAt?.toISOString() ?? null,
    updated_at: updatedAt.toISOString(),
  };
}

/** A 409 that names the state, what would have been allowed, and what to do. */
export function invalidState(
  id: string,
  { state }: Extract<Move, { outcome: 'refused' }>,
  verb: string,
  allowed: readonly State[],
  remedy: string,
): ProblemError {
  return new ProblemError(
    'invalid_state',
    `Notification ${id} is ${state}; only what is ${allowed.join(', ')} can be ${verb}. ${remedy}`,
  );
}
