import { foldCounts } from '@carillon/db/origins/fold-counts';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Adds up the changes of counts, so that readers have few rows to sum. Late or never, the counts are the same: readers
 * sum what is not added yet.
 */
export function counts({ sql }: { sql: Sql }): Duty {
  return {
    name: 'counts',
    everyMs: 500,
    async runOnce() {
      let total = 0;
      for (;;) {
        const count = await foldCounts(sql);
        total += count;
        if (count === 0) return total;
      }
    },
  };
}
