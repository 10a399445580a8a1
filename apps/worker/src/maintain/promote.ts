import { HORIZON_MS } from '@carillon/core/horizon';
import { PRIORITIES } from '@carillon/core/priority';
import { releaseScheduled } from '@carillon/db/queries/release-scheduled';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

const BATCH = 2000;

/** Hands scheduled sends that come due within the horizon to the relay, which makes them delayed jobs. */
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
