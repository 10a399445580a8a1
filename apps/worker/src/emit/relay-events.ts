import { fanOutEvents } from '@carillon/db/queries/fan-out-events';
import { OUTBOX_VERSION } from '@carillon/db/queries/take-outbox';
import { EVENT_MAX_DEPTH, type EventQueue } from '@carillon/queue/event-queue';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

const ROWS = 500;

/**
 * Outbox -> events queue: one delivery and one job for each endpoint that wants an event. The jobs come after the commit: one
 * that ran before it would find no delivery and end. Jobs that a crash or a lost Redis keeps from being made are made by
 * the overdue-events duty, from the deliveries.
 *
 * A second is soon enough for a webhook, so this polls and needs no doorbell.
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
