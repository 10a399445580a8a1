import type { State } from '@carillon/core/notification/states';
import type { ReceiptKind } from '@carillon/core/provider/receipt';
import type { AttemptRow, FullNotification, ReceiptRow } from '@carillon/db/notifications/get-notification';

export interface TimelineEntry {
  at: Date;
  state: State;
  actor: string;
  reason: string;
  detail?: Record<string, unknown>;
}

const INBOX_KINDS: ReadonlySet<string> = new Set<ReceiptKind>(['seen', 'read']);

/**
 * Everything that happened to a notification, oldest first. The happy path is not journalled (three rows for every
 * message); it is derived from the times in the row and its attempts. Everything else (waits, failures, doubts, manual
 * actions) comes from the journal.
 */
export function timelineOf(full: FullNotification): TimelineEntry[] {
  const { notification, attempts, receipts, history } = full;
  const { createdAt, queuedAt, state } = notification;
  const entries: TimelineEntry[] = [accepted(full)];
  // A scheduled row is marked when its delayed job is created: it stays scheduled.
  if (queuedAt !== null && state !== 'scheduled') {
    entries.push({ at: queuedAt, state: 'queued', actor: 'relay', reason: 'its job is in the lane' });
  }
  // Our inbox reports that a message was seen, long after it was delivered.
  const reported = receipts.some(({ kind, movedTo }) => movedTo !== null || !INBOX_KINDS.has(kind));
  const deliveredLater = history.some((entry) => entry.state === 'delivered') || reported;
  for (const attempt of attempts) {
    entries.push({
      at: attempt.startedAt,
      state: 'sending',
      actor: 'deliver',
      reason: `attempt ${attempt.n}: ${attempt.channel} by ${attempt.provider}`,
      detail: { attempt: attempt.n },
    });
    if (attempt.outcome === 'accepted' && attempt.finishedAt !== null) {
      // The in-app inbox delivers immediately; for other channels a receipt confirms the delivery.
      const delivered = state === 'delivered' && !deliveredLater && attempt === attempts.at(-1);
      entries.push(acceptedBy(attempt, attempt.finishedAt, delivered));
    }
  }
  let known: State = deliveredLater ? 'sent' : state;
  for (const receipt of receipts) {
    known = receipt.movedTo ?? known;
    entries.push(told(receipt, known));
  }
  for (const { at, state, actor, reason, detail } of history) {
    entries.push({ at, state, actor, reason, ...(detail === null ? {} : { detail }) });
  }
  // A stable sort: entries with equal times keep their order. Nothing comes before the acceptance.
  return entries.sort((a, b) => Math.max(+a.at, +createdAt) - Math.max(+b.at, +createdAt));
}

function accepted({ notification, history }: FullNotification): TimelineEntry {
  // A reschedule overwrites send_at; its first journal row keeps the original value.
  const rescheduled = history.find((entry) => entry.detail && 'previous_send_at' in entry.detail);
  const sendAt = rescheduled
    ? (rescheduled.detail!.previous_send_at as string | null)
    : (notification.sendAt?.toISOString() ?? null);
  const ahead = sendAt !== null && Date.parse(sendAt) > notification.createdAt.getTime();
  return {
    at: notification.createdAt,
    state: ahead ? 'scheduled' : 'pending',
    actor: 'api',
    reason: ahead ? `accepted, to be sent at ${sendAt}` : 'accepted',
  };
}

function told({ at, account, kind, code, detail }: ReceiptRow, state: State): TimelineEntry {
  const why = [code, detail].filter(Boolean).join(': ');
  return {
    at,
    state,
    actor: `receipt:${account}`,
    reason: `${account} reported: ${kind}${why ? ` (${why})` : ''}`,
    detail: { kind },
  };
}

function acceptedBy(attempt: AttemptRow, at: Date, delivered: boolean): TimelineEntry {
  return {
    at,
    state: delivered ? 'delivered' : 'sent',
    actor: 'deliver',
    reason: delivered ? `delivered by ${attempt.provider}` : `${attempt.provider} accepted it`,
    detail: { attempt: attempt.n, provider_message_id: attempt.providerMessageId },
  };
}
