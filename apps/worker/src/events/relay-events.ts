import { OUTBOX_VERSION } from '@carillon/db/outbox/measure-outbox';
import { fanOutEvents } from '@carillon/db/webhooks/events';
import { EVENT_MAX_DEPTH, type EventQueue } from '@carillon/queue/event-queue';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

const ROWS = 500;

/**
 * Outbox -> events queue: one delivery and one job for each endpoint that wants an event. The jobs come after the
 * commit: one that ran before it would find no delivery and end. If a crash or a lost Redis prevents the jobs, the
 * overdue-events duty makes them from the deliveries.
 *
 * A second is soon enough for a webhook, so this polls and needs no wake-up signal.
 */
export function relayEvents({ sql, queue }: { sql: Sql; queue: EventQueue }): Duty {
  const turn = async (): Promise<number> => {
    const { taken, deliveries } = await sql.begin((tx) => fanOutEvents(tx, ROWS, OUTBOX_VERSION));
    if (deliveries.length > 0) await queue.publish(deliveries);
    return taken;
  };

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
