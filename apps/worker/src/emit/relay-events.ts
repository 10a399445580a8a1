import { fanOutEvents } from '@carillon/db/queries/fan-out-events';
import { OUTBOX_VERSION } from '@carillon/db/queries/take-outbox';
import { EVENT_MAX_DEPTH, type EventQueue } from '@carillon/queue/event-queue';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

const ROWS = 500;

/**
 * Outbox -> events queue: one delivery and one job for each endpoint that wants an event. Rows leave the outbox only after
 * the jobs are in Redis; a crash between leaves them, and the repeat makes the same deliveries and the same jobs.
 *
 * A second is soon enough for a webhook, so this polls and needs no doorbell.
 */
export function relayEvents({ sql, queue }: { sql: Sql; queue: EventQueue }): Duty {
  const turn = (): Promise<number> =>
    sql.begin(async (tx) => {
      const { taken, deliveries } = await fanOutEvents(tx, ROWS, OUTBOX_VERSION);
      if (deliveries.length > 0) await queue.publish(deliveries);
      return taken;
    });

  return {
    name: 'relay-events',
    everyMs: 500,
    async runOnce() {
      let total = 0;
      while ((await queue.waiting()) < EVENT_MAX_DEPTH) {
        const taken = await turn();
        total += taken;
        if (taken < ROWS) break;
      }
      return total;
    },
  };
}
