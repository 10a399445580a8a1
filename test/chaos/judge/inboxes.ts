import type { Finding, Rule } from './rules.ts';

/** What a stream said about a message, and what its row says. */
export interface MessageState {
  id: string;
  sequence: number;
  isSeen: boolean;
  isRead: boolean;
  isArchived: boolean;
  isSnoozed: boolean;
}

export interface InboxRow extends MessageState {
  person: string;
}

/** One event as a client got it. */
export type StreamedEvent =
  | { type: 'message' | 'changed'; number: number; message: MessageState }
  | { type: 'counts'; number: number; unread: number; unseen: number }
  | { type: 'reset' }
  | { type: 'closed' };

/** One client: what all its connections brought, in order. It was there at the end, and was given time to catch up. */
export interface StreamClient {
  name: string;
  person: string;
  events: readonly StreamedEvent[];
}

/** What is known about inboxes at the end of a run. */
export interface InboxEvidence {
  clients: readonly StreamClient[];
  rows: readonly InboxRow[];
  /** Of each message, how many receipts of a kind were applied. */
  receipts: readonly { id: string; kind: 'seen' | 'read'; count: number }[];
}

/**
 * Compares what streams delivered with the rows (invariant 19): every message once, every number after the one before,
 * and in the end the same states and counts; each receipt once.
 */
export function judgeInboxes({ clients, rows, receipts }: InboxEvidence): Finding[] {
  return [
    ...clients.flatMap((client) =>
      judgeClient(
        client,
        rows.filter(({ person }) => person === client.person),
      ),
    ),
    ...findNumbersGivenTwice(rows),
    ...judgeReceipts(rows, receipts),
  ];
}

function judgeClient({ name, events }: StreamClient, rows: readonly InboxRow[]): Finding[] {
  const found = (rule: Rule, id: string, why: string): Finding => ({ rule, id, why: `${name}: ${why}` });
  const findings: Finding[] = [];
  const known = new Map<string, MessageState>();
  const stored = new Set(rows.map(({ id }) => id));
  const brought = new Set<string>();
  let last = 0;
  for (const event of events) {
    if (event.type === 'closed' || event.type === 'reset') {
      if (event.type === 'reset')
        findings.push(found('inbox_order', name, `its position ${last} was called unknown`));
      continue;
    }
    const isAfter = event.type === 'counts' ? event.number >= last : event.number > last;
    if (!isAfter) findings.push(found('inbox_order', name, `${event.type} ${event.number} after ${last}`));
    last = Math.max(last, event.number);
    if (event.type === 'counts') continue;
    const { message } = event;
    known.set(message.id, message);
    if (event.type === 'changed') continue;
    if (brought.has(message.id)) findings.push(found('inbox_repeated', message.id, 'came twice as new'));
    if (!stored.has(message.id)) findings.push(found('inbox_repeated', message.id, 'is in no row'));
    brought.add(message.id);
  }
  for (const row of rows) {
    if (!brought.has(row.id)) findings.push(found('inbox_missed', row.id, 'stored, and never came as new'));
    const state = known.get(row.id);
    const wrong = state && differences(state, row);
    if (wrong) findings.push(found('inbox_differs', row.id, wrong));
  }
  return [...findings, ...judgeCounts(events, rows, (why) => found('inbox_differs', name, why))];
}

const FIELDS = ['sequence', 'isSeen', 'isRead', 'isArchived', 'isSnoozed'] as const;

function differences(state: MessageState, row: MessageState): string | null {
  const different = FIELDS.filter((field) => state[field] !== row[field]);
  if (different.length === 0) return null;
  return different.map((field) => `${field} is ${state[field]}, in the row ${row[field]}`).join(', ');
}

function judgeCounts(
  events: readonly StreamedEvent[],
  rows: readonly InboxRow[],
  found: (why: string) => Finding,
): Finding[] {
  const counts = events.findLast((event) => event.type === 'counts');
  if (!counts) return [found('no counts ever came')];
  const listed = rows.filter(({ isArchived, isSnoozed }) => !isArchived && !isSnoozed);
  const unread = listed.filter(({ isRead }) => !isRead).length;
  const unseen = listed.filter(({ isSeen }) => !isSeen).length;
  if (counts.unread === unread && counts.unseen === unseen) return [];
  return [
    found(`counts ${counts.unread} unread and ${counts.unseen} unseen, the rows ${unread} and ${unseen}`),
  ];
}

function findNumbersGivenTwice(rows: readonly InboxRow[]): Finding[] {
  const owners = new Map<string, string>();
  return rows.flatMap(({ person, id, sequence }): Finding[] => {
    const key = `${person} ${sequence}`;
    const other = owners.get(key);
    owners.set(key, id);
    return other
      ? [{ rule: 'inbox_order', id, why: `has the number ${sequence}, which is also of ${other}` }]
      : [];
  });
}

function judgeReceipts(rows: readonly InboxRow[], receipts: InboxEvidence['receipts']): Finding[] {
  const counts = new Map(receipts.map(({ id, kind, count }) => [`${id} ${kind}`, count]));
  return rows.flatMap(({ id, isSeen, isRead }) =>
    (['seen', 'read'] as const).flatMap((kind): Finding[] => {
      const count = counts.get(`${id} ${kind}`) ?? 0;
      // What was read may be unread again, but not the other way round.
      const isMade = kind === 'seen' ? isSeen : isRead;
      if (count > 1 || (isMade && count === 0))
        return [{ rule: 'receipt_count', id, why: `it has ${count} receipts that it was ${kind}` }];
      return [];
    }),
  );
}
