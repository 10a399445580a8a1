import type { Case } from './case.ts';
import type { HistoryEntry } from './evidence.ts';
import type { Finding } from './rules.ts';

/** What settled a doubt. */
export const SETTLED_BY = ['evidence', 'repeat', 'policy', 'person'] as const;
export type SettledBy = (typeof SETTLED_BY)[number];

export interface Settlement {
  by: SettledBy;
  entry: HistoryEntry;
}

/**
 * The end of each doubt in the timeline: the first later entry by an actor that may settle doubts. A worker may not:
 * what it writes after its lease has expired is a note, not evidence.
 */
export function settlementsOf(each: Case): Settlement[] {
  return doubtsOf(each).settlements;
}

/** Settled like this, it stays so until a receipt or a person says otherwise. */
const FINAL_WORDS = new Set(['sent', 'delivered', 'failed', 'dead']);

/**
 * A doubt that is no longer one, without an entry that settled it: the symptom of a broken lease guard.
 */
export function findUnwitnessed(each: Case): Finding[] {
  const { row, asked } = each;
  if (!row || row.state === 'in_doubt') return [];
  const { settlements, isOpen } = doubtsOf(each);
  const unwitnessed = (why: string): Finding[] => [{ rule: 'unwitnessed', id: asked.id, why }];
  if (isOpen) return unwitnessed(`the timeline leaves it in doubt, but it is ${row.state}`);
  const lastWord = settlements.at(-1)?.entry;
  if (!lastWord || !FINAL_WORDS.has(lastWord.state) || lastWord.state === row.state) return [];
  const later = each.history
    .slice(each.history.indexOf(lastWord) + 1)
    .filter((entry) => witnessOf(entry) !== null);
  if (later.length > 0) return [];
  return unwitnessed(
    `${lastWord.actor} settled it as ${lastWord.state}, nobody spoke since, and it is ${row.state}`,
  );
}

function doubtsOf({ history, row }: Case): { settlements: Settlement[]; isOpen: boolean } {
  const settlements: Settlement[] = [];
  let isOpen = false;
  let isSettled = true;
  for (const [k, entry] of history.entries()) {
    if (entry.state === 'in_doubt') {
      if (isOpen || isNote(entry, history[k - 1])) continue;
      isOpen = true;
      isSettled = false;
      continue;
    }
    const witness = witnessOf(entry);
    if (witness === null) continue;
    isOpen = false;
    if (isSettled || witness === 'repeats') continue;
    settlements.push({ by: witness, entry });
    isSettled = true;
  }
  // Times are those at which transactions began: a receipt that had to wait for the row is listed before the doubt it
  // ended.
  const byReceipt = history.some(({ actor, state }) => actor.startsWith('receipt') && state === row?.state);
  return { settlements, isOpen: isOpen && !byReceipt };
}

/** A note about a doubt: from a late worker, or a resolver that keeps waiting. */
function isNote({ actor, reason, detail }: HistoryEntry, before: HistoryEntry | undefined): boolean {
  if (actor === 'deliver') return /state unchanged|had not sent it/.test(reason);
  return actor === 'resolver' && detail?.decision !== undefined && before?.state !== 'sending';
}

/**
 * The actor of this entry: one that settles, the resolver repeating the call (which settles nothing yet), or one that
 * may not settle.
 */
function witnessOf({ actor, reason, detail }: HistoryEntry): SettledBy | 'repeats' | null {
  if (actor === 'resolver') {
    if (detail?.decision === 'repeat') return 'repeats';
    return (detail?.settled_by as SettledBy | undefined) ?? fromReason(reason);
  }
  if (actor.startsWith('receipt')) return 'evidence';
  if (/^(key|staff):/.test(actor) || actor === 'bull-board') return 'person';
  return null;
}

function fromReason(reason: string): SettledBy {
  if (/policy/.test(reason)) return 'policy';
  if (/same key|again/.test(reason)) return 'repeat';
  return 'evidence';
}
