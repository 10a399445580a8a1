import { overdueEventDeliveries } from '@carillon/db/queries/overdue-event-deliveries';
import type { EventQueue } from '@carillon/queue/event-queue';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/** A delayed job may come this late before it counts as lost. */
const OVERDUE_MS = 20_000;
const BATCH = 5000;

/**
 * Makes a job again for every due delivery of an event whose job was lost with Redis, and wakes the job of one that is
 * replayed before the time of its next try. Same job id: a second is ignored.
 */
export function overdueEvents({ sql, queue }: { sql: Sql; queue: EventQueue }): Duty {
  return {
    name: 'overdue-events',
    everyMs: 10_000,
    async runOnce() {
      const overdue = await overdueEventDeliveries(sql, OVERDUE_MS, BATCH);
      if (overdue.length > 0) await queue.hurry(overdue);
      return overdue.length;
    },
  };
}
