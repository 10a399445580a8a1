import type { Priority } from '@carillon/core/priority';
import type { Sql } from 'postgres';

/** The channel relays listen on; the payload is the priority whose loop has work. */
export const WAKE_CHANNEL = 'carillon_outbox';

/**
 * Rings the relays' doorbell after a commit. Debounced: while a NOTIFY is out, further calls only mark their priority,
 * and one more NOTIFY follows. Never inside the transaction and never per row: NOTIFY takes a database-wide lock at
 * commit. Losing one is harmless, relays also poll.
 */
export function createWaker(sql: Sql): { wake(priority: Priority): void } {
  const due = new Set<Priority>();
  let ringing = false;

  const ring = async (): Promise<void> => {
    ringing = true;
    while (due.size > 0) {
      const priorities = [...due];
      due.clear();
      try {
        await sql`select pg_notify(${WAKE_CHANNEL}, p) from unnest(${priorities}::text[]) as p`;
      } catch {
        // PostgreSQL is away; the relays' polling finds the rows.
      }
    }
    ringing = false;
  };

  return {
    wake: (priority) => {
      due.add(priority);
      if (!ringing) void ring();
    },
  };
}
