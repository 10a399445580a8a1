import type { Asked, Attempt, Evidence, HistoryEntry, LedgerEntry, Row } from './evidence.ts';

/** Everything known about one requested notification. */
export interface Case {
  asked: Asked;
  row: Row | undefined;
  /** Acceptances by providers, oldest first. */
  copies: readonly LedgerEntry[];
  inInbox: boolean;
  attempts: readonly Attempt[];
  /** Oldest first. */
  history: readonly HistoryEntry[];
}

export function casesOf(evidence: Evidence): Case[] {
  const rows = new Map(evidence.rows.map((row) => [row.id, row]));
  const copies = groupBy(evidence.ledger, (line) => line.notificationId ?? '');
  const attempts = groupBy(evidence.attempts, (attempt) => attempt.notificationId);
  const history = groupBy(evidence.history, (entry) => entry.notificationId);
  return evidence.asked.map((asked) => ({
    asked,
    row: rows.get(asked.id),
    copies: copies.get(asked.id) ?? [],
    inInbox: evidence.inbox.has(asked.id),
    attempts: attempts.get(asked.id) ?? [],
    history: history.get(asked.id) ?? [],
  }));
}

export const wasDelivered = ({ copies, inInbox }: Case): boolean => copies.length > 0 || inInbox;

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}
