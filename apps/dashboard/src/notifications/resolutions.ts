import { CANCELLABLE, RESCHEDULABLE } from '@carillon/core/notification/by-request';
import type { NotificationDetail } from '@carillon/db/notifications/dashboard-read-notification';

/** The manual actions on a stopped notification. */
export interface Resolutions {
  /** It certainly did not arrive: a new cycle of attempts cannot duplicate it. */
  retry: boolean;
  /** It may have arrived: sending it again requires accepting that it may arrive twice. */
  sendAgain: boolean;
  markSent: boolean;
  /** Sending has not begun. */
  cancel: boolean;
  reschedule: boolean;
}

type Known = Pick<NotificationDetail, 'state' | 'attemptCount' | 'expiresAt' | 'redactedAt'> & {
  attempts: readonly Pick<NotificationDetail['attempts'][number], 'n' | 'outcome'>[];
};

/** The actions that the page offers. The statements behind the buttons check again, under a lock. */
export function resolutions(notification: Known, now: Date): Resolutions {
  const { state, expiresAt, redactedAt } = notification;
  const ended = state === 'dead' || state === 'failed';
  const doubtful = isDoubtful(notification);
  // An expired notification or one without content is not sent again; its outcome can still be recorded.
  const sendable = redactedAt === null && (expiresAt === null || expiresAt > now);
  return {
    retry: ended && !doubtful && sendable,
    sendAgain: doubtful && sendable,
    markSent: state === 'in_doubt',
    cancel: CANCELLABLE.includes(state),
    reschedule: state === 'scheduled' && RESCHEDULABLE.includes(state),
  };
}

/** In doubt, or dead or failed with its last call in doubt. */
export function isDoubtful({
  state,
  attemptCount,
  attempts,
}: Omit<Known, 'expiresAt' | 'redactedAt'>): boolean {
  if (state === 'in_doubt') return true;
  const last = attempts.find(({ n }) => n === attemptCount);
  return (state === 'dead' || state === 'failed') && last?.outcome === 'in_doubt';
}
