import { HORIZON_MS } from '@carillon/core/notification/horizon';
import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { findUnreleased, releaseScheduled } from '@carillon/db/outbox/scheduled';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

export interface PromoteOptions {
  sql: Sql;
  wake(priority: Priority): void;
  /** Notifications looked up at a time. */
  page?: number;
}

/** Ids in memory at a time, about 10 MB. */
const PAGE = 50_000;

/** Released in one statement. */
const BATCH = 2000;

/**
 * A turn looks only at what the horizon has reached since the turn before. Some rows fall behind it (held until soon,
 * locked at that moment), so at intervals a turn looks at everything again: 15 s, well before another duty finds them
 * overdue.
 */
const FULL_EVERY = 3;

/** Hands scheduled sends that come due within the horizon to the relay, which makes them delayed jobs. */
export function promote({ sql, wake, page = PAGE }: PromoteOptions): Duty {
  let turn = 0;
  let releasedUpTo: Date | null = null;

  return {
    name: 'promote',
    everyMs: 5000,
    async runOnce() {
      let from = turn++ % FULL_EVERY === 0 ? null : releasedUpTo;
      let total = 0;
      for (;;) {
        const { ids, lastDue, horizon } = await findUnreleased(sql, from, HORIZON_MS, page);
        let released = 0;
        for (let k = 0; k < ids.length; k += BATCH)
          released += await releaseScheduled(sql, ids.slice(k, k + BATCH), HORIZON_MS);
        total += released;
        if (released > 0) for (const priority of PRIORITIES) wake(priority);
        if (ids.length < page || released === 0) {
          releasedUpTo = horizon;
          return total;
        }
        from = lastDue;
      }
    },
  };
}
