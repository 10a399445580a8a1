import type { Priority } from '@carillon/core/priority';
import { advanceOrder, type Line } from '@carillon/db/queries/advance-order';
import { listLines } from '@carillon/db/queries/list-lines';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * The guarantee behind ordering keys: whatever ended the front of a line (a worker that died before it could say so, a
 * cancel, a receipt, a settled doubt), the next is announced. Walks the lines there are, some at a time: with few it
 * sees each of them every second.
 */
export interface OrderOptions {
  sql: Sql;
  wake(priority: Priority): void;
  /** Lines per turn. */
  batch?: number;
}

export function order({ sql, wake, batch = 1000 }: OrderOptions): Duty {
  let after: Line | null = null;

  return {
    name: 'order',
    everyMs: 1000,
    async runOnce() {
      const lines = await listLines(sql, after, batch);
      after = lines.length < batch ? null : (lines.at(-1) ?? null);
      if (lines.length === 0) return 0;
      const { released, priorities } = await advanceOrder(sql, lines);
      for (const priority of priorities) wake(priority);
      return released;
    },
  };
}
