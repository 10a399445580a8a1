import { PRIORITIES, type Priority } from '@carillon/core/priority';
import { doubtExpiredLeases } from '@carillon/db/queries/doubt-expired-leases';
import { requeueOverdue } from '@carillon/db/queries/requeue-overdue';
import type { Sql } from 'postgres';
import { LEASE_MS } from '../deliver/claim.ts';
import type { Duty } from '../service.ts';

/** A delayed job may come this late before it counts as lost. */
const OVERDUE_MS = 20_000;

const BATCH = 1000;

/** Nothing waits for a worker or a job that is gone: expired leases become doubts, overdue rows are announced again. */
export function rescue({ sql, wake }: { sql: Sql; wake(priority: Priority): void }): Duty {
  return {
    name: 'rescue',
    everyMs: 3000,
    async runOnce() {
      const doubted = await doubtExpiredLeases(sql, Math.min(...Object.values(LEASE_MS)), BATCH);
      const overdue = await requeueOverdue(sql, OVERDUE_MS, BATCH);
      if (overdue > 0) for (const priority of PRIORITIES) wake(priority);
      return doubted.length + overdue;
    },
  };
}
