import type { State } from '@carillon/core/notification/states';
import type { Attempt, NotificationDetail } from '@carillon/db/notifications/dashboard-read-notification';
import type { ReceiptRow } from '@carillon/db/notifications/get-notification';

/** One line of a notification's timeline. */
export interface TimelineEntry {
  at: Date;
  title: string;
  /** The actor, and the result. */
  detail: string | null;
  /** The resulting state, where the journal records it. */
  state: State | null;
  tone: 'good' | 'bad' | 'doubt' | 'plain';
}

/**
 * A notification's timeline in order: the happy path is derived from its own times and its attempts, everything else
 * from the history.
 */
export function timelineOf(notification: NotificationDetail): TimelineEntry[] {
  const entries: TimelineEntry[] = [
    {
      at: notification.createdAt,
      title: 'Accepted',
      detail: notification.sendAt ? `to be sent at ${notification.sendAt.toISOString()}` : null,
      state: null,
      tone: 'plain',
    },
  ];
  if (notification.queuedAt) {
    entries.push({
      at: notification.queuedAt,
      title: 'Put into its lane',
      detail: `${notification.channel}-${notification.priority}`,
      state: null,
      tone: 'plain',
    });
  }
  const { attempts, history, receipts, state } = notification;
  const deliveredLater = receipts.length > 0 || history.some((entry) => entry.state === 'delivered');
  for (const attempt of attempts) {
    entries.push(entryOf(attempt));
    if (attempt.outcome !== 'accepted' || attempt.finishedAt === null) continue;
    // The in-app inbox delivers immediately; for other channels a receipt confirms the delivery.
    const delivered = state === 'delivered' && !deliveredLater && attempt === attempts.at(-1);
    entries.push(endOf(attempt, attempt.finishedAt, delivered ? 'delivered' : 'sent'));
  }
  for (const receipt of receipts) entries.push(reported(receipt));
  for (const { at, state, actor, reason } of history) {
    entries.push({ at, title: sentence(reason), detail: `by ${actor}`, state, tone: toneOf(state) });
  }
  return entries.sort((a, b) => a.at.getTime() - b.at.getTime());
}

function entryOf(attempt: Attempt): TimelineEntry {
  const title = `Attempt ${attempt.n}: ${attempt.provider}, ${attempt.channel}`;
  if (!attempt.outcome) {
    return { at: attempt.startedAt, title, detail: 'no answer yet', state: null, tone: 'plain' };
  }
  const took = attempt.latencyMs === null ? '' : ` after ${attempt.latencyMs} ms`;
  const why = [attempt.errorCode, attempt.error].filter((part) => part !== null).join(': ');
  return {
    at: attempt.startedAt,
    title,
    detail: `${attempt.outcome.replace('_', ' ')}${took}${why ? ` (${why})` : ''}`,
    state: null,
    tone: attempt.outcome === 'accepted' ? 'good' : attempt.outcome === 'in_doubt' ? 'doubt' : 'bad',
  };
}

function endOf(
  { provider, providerMessageId }: Attempt,
  at: Date,
  state: 'sent' | 'delivered',
): TimelineEntry {
  const title = state === 'sent' ? `Sent: ${provider} accepted it` : `Delivered by ${provider}`;
  return { at, title, detail: providerMessageId, state, tone: 'good' };
}

function reported({ at, account, kind, code, detail, movedTo }: ReceiptRow): TimelineEntry {
  const why = [code, detail].filter(Boolean).join(': ');
  return {
    at,
    title: `${account} reported: ${kind.replaceAll('_', ' ')}`,
    detail: why === '' ? null : why,
    state: movedTo,
    tone: movedTo === null ? 'plain' : toneOf(movedTo),
  };
}

export function toneOf(state: State): TimelineEntry['tone'] {
  if (state === 'sent' || state === 'delivered') return 'good';
  if (state === 'dead' || state === 'failed') return 'bad';
  return state === 'in_doubt' ? 'doubt' : 'plain';
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
