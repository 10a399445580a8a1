import type { State } from '@carillon/core/notification/states';
import { type ProblemCode, ProblemError, type ProblemExtras } from '@carillon/core/text/problem';

/** A notification after a request moved it. */
export interface MovedNotification {
  state: State;
  sendAt: Date | null;
  updatedAt: Date;
}

/** As JSON. */
export function viewMoved(id: string, { state, sendAt, updatedAt }: MovedNotification) {
  return {
    id,
    notification_id: id,
    status: state,
    send_at: sendAt?.toISOString() ?? null,
    updated_at: updatedAt.toISOString(),
  };
}

/**
 * Why a notification was not moved: it does not exist, its state or its expiry forbids it (`refused`, `untimely`), it
 * may have arrived already, its content was removed, or the provider's id belongs to another notification.
 */
export type MoveRefusal = 'not_found' | 'refused' | 'untimely' | 'doubtful' | 'redacted' | 'taken';

/** A refusal of a request to move a notification. `why` is for callers that answer with a page instead of the problem. */
export class MoveRefused extends ProblemError {
  readonly why: MoveRefusal;

  constructor(why: MoveRefusal, code: ProblemCode, detail: string, extras?: ProblemExtras) {
    super(code, detail, extras);
    this.why = why;
  }
}

/** One answer for an id that does not exist and for one of another app, so that ids are not revealed. */
export function noSuchNotification(id: string): MoveRefused {
  return new MoveRefused(
    'not_found',
    'not_found',
    `There is no notification ${JSON.stringify(id.slice(0, 64))} in this app and environment. Check the id and whether the key is a live or a test key.`,
  );
}

/** A 409 that names the state, the allowed states, and what to do. */
export function wrongState(
  id: string,
  state: State,
  verb: string,
  allowed: readonly State[],
  remedy: string,
): MoveRefused {
  return new MoveRefused(
    'refused',
    'invalid_state',
    `Notification ${id} is ${state}; only what is ${allowed.join(', ')} can be ${verb}. ${remedy}`,
  );
}
