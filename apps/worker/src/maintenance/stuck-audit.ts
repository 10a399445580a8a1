import type { Lane } from '@carillon/core/notification/lane';
import { oldestNotification } from '@carillon/db/notifications/retention';
import { countOverdue, countStuck, STUCK_KINDS, type Stuck, type StuckKind } from '@carillon/db/outbox/stuck';
import { storeMeasured } from '@carillon/db/overview/write-measured';
import type { Producer } from '@carillon/queue/producer';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { laneFronts } from './lane-fronts.ts';

/**
 * Counts stuck notifications: those that no process will move although one should. All counts must be 0: one that stays
 * above it is a gap in rescue, sweep, order or resolve. It only reports; repairing is their task.
 *
 * It walks creation time minute by minute: the newest minutes in which a notification can be stuck in each turn, the
 * older minutes in rotation for as long as a turn may last. It keeps the result of each minute until the next visit.
 */
export interface StuckAuditOptions {
  sql: Sql;
  producer: Producer;
  /** Lanes whose messages wait on purpose. */
  rests?(lane: Lane): boolean;
  onCounted(kind: StuckKind, count: number): void;
  /** Logged once a turn, if there are any. */
  onFound(found: readonly Stuck[]): void;
  /** A turn is complete; and null: this process does not audit any more. @param at monotonic, in milliseconds. */
  onAudited?(at: number | null): void;
  now?(): number;
  /** For the older minutes. */
  budgetMs?: number;
}

const CELL_MS = 60_000;
const RECENT_MS = 15 * CELL_MS;

/** Well above what the repairing services need; nothing younger can be stuck. */
const GRACE_MS = 5 * 60_000;

/** Under a flood it is late rather than a burden. */
const REST_TIMES = 20;

export function stuckAudit(options: StuckAuditOptions): Duty {
  const { sql, producer, rests, onCounted, onFound, onAudited, now = Date.now, budgetMs = 500 } = options;
  /** The results of each minute, by its beginning. */
  const cells = new Map<number, Stuck[]>();
  let at = 0;
  /** Minutes of this rotation. */
  let visited = new Set<number>();
  /** As told last. */
  let counts: Partial<Record<StuckKind, number>> = {};

  return {
    name: 'stuck-audit',
    everyMs: 30_000,
    restTimes: REST_TIMES,
    async runOnce() {
      const lanes = (await laneFronts(producer, now())).filter(({ lane }) => !rests?.(lane));
      const look = async (cell: number, thorough: boolean): Promise<void> => {
        const [from, to] = [new Date(cell), new Date(cell + CELL_MS)];
        const found = await countStuck(sql, { from, to, lanes, graceMs: GRACE_MS, thorough });
        if (found.length > 0) cells.set(cell, found);
        else cells.delete(cell);
      };
      const recent = cellOf(now() - RECENT_MS);
      for (let cell = recent; cell < now() - GRACE_MS; cell += CELL_MS) await look(cell, false);
      await lookAtOlder(recent, look);
      const total = tell([
        ...(await countOverdue(sql, { lanes, graceMs: GRACE_MS })),
        ...[...cells.values()].flat(),
      ]);
      onAudited?.(performance.now());
      await storeMeasured(sql, 'stuck', { counts });
      return total;
    },
    standDown() {
      cells.clear();
      tell([]);
      onAudited?.(null);
    },
  };

  async function lookAtOlder(
    end: number,
    look: (cell: number, thorough: boolean) => Promise<void>,
  ): Promise<void> {
    const endsAt = performance.now() + budgetMs;
    do {
      const next = await oldestNotification(sql, new Date(at));
      const cell = next === null ? end : cellOf(next.getTime());
      if (cell >= end) {
        // Minutes the walk no longer meets are empty: their notifications are gone.
        for (const known of cells.keys()) if (known < end && !visited.has(known)) cells.delete(known);
        visited = new Set();
        at = 0;
        return;
      }
      await look(cell, true);
      visited.add(cell);
      at = cell + CELL_MS;
    } while (performance.now() < endsAt);
  }

  function tell(found: readonly Stuck[]): number {
    const sums = STUCK_KINDS.map((kind) => {
      const ofKind = found.filter((each) => each.kind === kind);
      const examples = ofKind.flatMap((each) => each.examples).slice(0, 3);
      return { kind, count: ofKind.reduce((sum, { count }) => sum + count, 0), examples };
    });
    counts = Object.fromEntries(sums.map(({ kind, count }) => [kind, count]));
    for (const { kind, count } of sums) onCounted(kind, count);
    const some = sums.filter(({ count }) => count > 0);
    if (some.length > 0) onFound(some);
    return some.reduce((sum, { count }) => sum + count, 0);
  }
}

function cellOf(ms: number): number {
  return Math.floor(ms / CELL_MS) * CELL_MS;
}
