import { cancelPage, markMoved, type Place, stopsToMove } from '@carillon/db/origins/stops';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Cancels what still waits of cancelled origins, by pages. Nothing of them is sent meanwhile: the claim refuses it. So
 * this may be late, may stop anywhere and may run twice.
 */
export function cancelled({ sql, stopping }: { sql: Sql; stopping: AbortSignal }): Duty {
  return {
    name: 'cancelled-origins',
    everyMs: 1000,
    async runOnce() {
      let total = 0;
      for (const origin of await stopsToMove(sql)) {
        let after: Place | null = null;
        let busy = 0;
        do {
          if (stopping.aborted) return total;
          const page = await cancelPage(sql, origin, after);
          total += page.cancelled;
          busy += page.busy;
          after = page.next;
        } while (after !== null);
        // What another transaction had is looked for in the next turn.
        if (busy === 0) await markMoved(sql, origin);
      }
      return total;
    },
  };
}
