import type { NotificationDetail } from '@carillon/db/queries/dashboard-read-notification';

/** What a person can do with a notification that stands still. */
export interface WaysOut {
  /** It certainly did not arrive: a new cycle of attempts costs nobody anything. */
  retry: boolean;
  /** It may have arrived: sending it again takes the word that it may arrive twice. */
  sendAgain: boolean;
  markSent: boolean;
}

type Known = Pick<NotificationDetail, 'state' | 'attemptCount' | 'expiresAt'> & {
  attempts: readonly Pick<NotificationDetail['attempts'][number], 'n' | 'outcome'>[];
};

/** What the page offers. Only an offer: the statements behind the buttons ask again, under a lock. */
export function waysOut(notification: Known, now: Date): WaysOut {
  const { state, expiresAt } = notification;
  const ended = state === 'dead' || state === 'failed';
  const doubtful = isDoubtful(notification);
  // What has expired is not sent again; what became of it can still be told.
  const sendable = expiresAt === null || expiresAt > now;
  return {
    retry: ended && !doubtful && sendable,
    sendAgain: doubtful && sendable,
    markSent: state === 'in_doubt',
  };
}

/** In doubt, or dead or failed with its last call in doubt. */
export function isDoubtful({ state, attemptCount, attempts }: Omit<Known, 'expiresAt'>): boolean {
  if (state === 'in_doubt') return true;
  const last = attempts.find(({ n }) => n === attemptCount);
  return (state === 'dead' || state === 'failed') && last?.outcome === 'in_doubt';
}
