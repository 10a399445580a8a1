import { type Case, wasDelivered } from './case.ts';
import type { Finding } from './rules.ts';
import { settlementsOf } from './settlements.ts';

/** Visible final states, with or without a message. `in_doubt` has a rule of its own. */
const VISIBLE_ENDS = new Set(['failed', 'dead', 'suppressed', 'skipped', 'cancelled', 'expired', 'in_doubt']);

/**
 * Accepted and then lost: no row, a row that never reached a final state, or one that is `sent` although no provider
 * has it. A request whose answer was lost may be missing; if its row exists it counts as accepted.
 */
export function findLost(each: Case): Finding[] {
  const { asked, row } = each;
  const lost = (why: string): Finding[] => [{ rule: 'lost', id: asked.id, why }];
  if (!row) return asked.answer === 'accepted' ? lost('answered 202, but the database has no row') : [];
  if (VISIBLE_ENDS.has(row.state)) return [];
  if (row.state !== 'sent' && row.state !== 'delivered')
    return lost(`still ${row.state} when everything had settled${row.error ? `: ${row.error}` : ''}`);
  const byPerson = settlementsOf(each).some(({ by }) => by === 'person');
  if (wasDelivered(each) || byPerson) return [];
  return lost(`its state is ${row.state}, but no provider ever took it`);
}
