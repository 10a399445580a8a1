import { overdueEventDeliveries } from '@carillon/db/webhooks/event-tries';
import type { EventQueue } from '@carillon/queue/event-queue';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/** An event may come this late before its job counts as lost. */
const OVERDUE_MS = 10_000;
/**
 * One would do: the process that takes it sends everything that is due. The second may reach another worker process.
 */
const JOBS_PER_ENDPOINT = 2;

/**
 * Makes jobs again for endpoints whose deliveries are overdue: their jobs were lost with Redis, wholly or in part, or
 * their worker died, or the events are replayed. A job that is left over from before is replaced.
 */
export function overdueEvents({ sql, queue }: { sql: Sql; queue: EventQueue }): Duty {
  return {
    name: 'overdue-events',
    everyMs: 10_000,
    async runOnce() {
      const overdue = await overdueEventDeliveries(sql, OVERDUE_MS, JOBS_PER_ENDPOINT);
      if (overdue.length > 0) await queue.hurry(overdue);
      return overdue.length;
    },
  };
}
