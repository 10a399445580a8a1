import type { Priority } from '@carillon/core/notification/priority';
import { bisect } from '@carillon/core/program/bisect';
import { groupFailure } from '@carillon/db/connection/group-statements';
import { advanceOrder, type Line } from '@carillon/db/order/advance-order';
import { listLines } from '@carillon/db/order/list-lines';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * The guarantee behind ordering keys: whatever ended the front of an ordering queue (a worker that died before it could
 * announce the next, a cancel, a receipt, a settled doubt), the next is announced. Walks the existing queues, some at a
 * time: with few it sees each of them every second.
 */
export interface OrderOptions {
  sql: Sql;
  wake(priority: Priority): void;
  /** Ordering queues per turn. */
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
      let total = 0;
      const advance = async (some: Line[]): Promise<undefined[]> => {
        const { released, priorities } = await advanceOrder(sql, some);
        for (const priority of priorities) wake(priority);
        total += released;
        return some.map(() => undefined);
      };
      // An ordering queue that cannot be advanced must not stop the others.
      const failure = (await bisect([...lines], advance, groupFailure)).find((end) => !end.ok);
      if (failure?.ok === false) throw failure.error;
      return total;
    },
  };
}
