import { setTimeout as pause } from 'node:timers/promises';
import type { Sql } from 'postgres';

export interface Settled {
  /** Ms from the end of the last fault until nothing moved any more, or until patience ended. */
  tookMs: number;
  /** Rows that still had to move when patience ended; the judge finds out which. */
  open: number;
}

/** The settled state must last: a stray job or a late worker must have had its chance to send once more. */
const QUIET_MS = 3_000;

/**
 * Waits until nothing more happens automatically: no row that must still move, no doubt under resolution, no outbox
 * row. Rows that are stuck then are found by the judge.
 */
export async function untilSettled(
  sql: Sql,
  timeoutMs: number,
  say: (line: string) => void = () => {},
): Promise<Settled> {
  const begun = Date.now();
  let lastSaid = 0;
  let quietSince: number | null = null;
  for (;;) {
    const open = await countMoving(sql).catch(() => Number.POSITIVE_INFINITY);
    const tookMs = Date.now() - begun;
    quietSince = open === 0 ? (quietSince ?? tookMs) : null;
    if (quietSince !== null && tookMs - quietSince >= QUIET_MS) return { tookMs: quietSince, open };
    if (tookMs > timeoutMs) return { tookMs, open };
    if (tookMs - lastSaid > 15_000) {
      say(`${Math.round(tookMs / 1000)} s after the last fault, ${open} still move`);
      lastSaid = tookMs;
    }
    await pause(500);
  }
}

/** A doubt without a next check waits for a person. */
async function countMoving(sql: Sql): Promise<number> {
  const [row] = await sql<[{ count: number }]>`
    select (
      (select count(*) from notifications
       where state in ('pending', 'queued', 'sending', 'scheduled', 'retrying')
          or (state = 'in_doubt' and next_attempt_at is not null))
      + (select count(*) from outbox where kind like 'delivery.%')
    )::int as count`;
  return row.count;
}
