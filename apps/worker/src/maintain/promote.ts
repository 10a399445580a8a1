import { PRIORITIES } from '@carillon/core/priority';
import { releaseScheduled } from '@carillon/db/queries/release-scheduled';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Far-off sends stay in PostgreSQL; what comes due within the horizon is handed to the relay, which makes it a delayed
 * job. A million scheduled sends cost Redis nothing until then.
 */
export const HORIZON_MS = 5 * 60_000;

const BATCH = 2000;

export function promote({
  sql,
  wake,
}: {
  sql: Sql;
  wake(priority: (typeof PRIORITIES)[number]): void;
}): Duty {
  return {
    name: 'promote',
    everyMs: 5000,
    async runOnce() {
      let total = 0;
      for (;;) {
        const released = await releaseScheduled(sql, HORIZON_MS, BATCH);
        total += released;
        if (released < BATCH) break;
      }
      if (total > 0) for (const priority of PRIORITIES) wake(priority);
      return total;
    },
  };
}
