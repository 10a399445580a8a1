import type { State } from '@carillon/core/states';
import type { Attempt, NotificationDetail } from '@carillon/db/queries/dashboard-read-notification';

/** One line of a notification's story. */
export interface TimelineEntry {
  at: Date;
  title: string;
  /** Who or what did it, and how it went. */
  detail: string | null;
  /** The state it led to, where the journal says so. */
  state: State | null;
  tone: 'good' | 'bad' | 'doubt' | 'plain';
}

/**
 * Tells a notification's story in order: the happy path is read off its own times and its attempts, everything else
 * off the history.
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
  for (const attempt of notification.attempts) entries.push(entryOf(attempt));
  for (const { at, state, actor, reason } of notification.history) {
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

export function toneOf(state: State): TimelineEntry['tone'] {
  if (state === 'sent' || state === 'delivered') return 'good';
  if (state === 'dead' || state === 'failed') return 'bad';
  return state === 'in_doubt' ? 'doubt' : 'plain';
}

function sentence(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
