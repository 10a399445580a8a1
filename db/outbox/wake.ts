import type { Priority } from '@carillon/core/notification/priority';
import type { Sql } from 'postgres';

/** The channel relays listen on; the payload is the priority whose loop has work. */
export const WAKE_CHANNEL = 'carillon_outbox';

/**
 * Sends the relays a wake-up signal after a commit. Debounced: while a NOTIFY is in flight, further calls only mark
 * their priority, and one more NOTIFY follows. Never inside the transaction and never per row: NOTIFY takes a
 * database-wide lock at commit. Losing one is harmless, relays also poll.
 */
export interface Waker {
  wake(priority: Priority): void;
}

export function createWaker(sql: Sql): Waker {
  const due = new Set<Priority>();
  let notifying = false;

  const notify = async (): Promise<void> => {
    notifying = true;
    while (due.size > 0) {
      const priorities = [...due];
      due.clear();
      try {
        await sql`select pg_notify(${WAKE_CHANNEL}, p) from unnest(${priorities}::text[]) as p`;
      } catch {
        // PostgreSQL is away; the relays' polling finds the rows.
      }
    }
    notifying = false;
  };

  return {
    wake: (priority) => {
      due.add(priority);
      if (!notifying) void notify();
    },
  };
}
