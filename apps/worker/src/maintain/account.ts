import { countOverdue } from '@carillon/db/queries/count-overdue';
import {
  countUnaccounted,
  UNACCOUNTED_KINDS,
  type Unaccounted,
  type UnaccountedKind,
} from '@carillon/db/queries/count-unaccounted';
import { oldestNotification } from '@carillon/db/queries/oldest-notification';
import type { Producer } from '@carillon/queue/producer';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';
import { laneFronts } from './lane-fronts.ts';

/**
 * Counts notifications that nobody moves any more although somebody should. All counts must be 0: one that stays above
 * it is a hole in rescue, sweep, order or resolve. It only tells; repairing is their business.
 *
 * It walks creation time minute by minute: what may just have become unaccounted for each turn, the older minutes in
 * rotation for as long as a turn may last, and remembers what it found in each until it comes there again.
 */
export interface AccountOptions {
  sql: Sql;
  producer: Producer;
  onCounted(kind: UnaccountedKind, count: number): void;
  /** Told once a turn, if there are any. */
  onFound(found: readonly Unaccounted[]): void;
  now?(): number;
  /** For the older minutes. */
  budgetMs?: number;
}

const CELL_MS = 60_000;
const RECENT_MS = 15 * CELL_MS;

/** Well above what the repairing services need; nothing younger can count. */
const GRACE_MS = 5 * 60_000;

/** Under a flood it is late and not a burden. */
const REST_TIMES = 20;

export function account(options: AccountOptions): Duty {
  const { sql, producer, onCounted, onFound, now = Date.now, budgetMs = 500 } = options;
  /** What was found in each minute, by its beginning. */
  const cells = new Map<number, Unaccounted[]>();
  let at = 0;
  /** Minutes of this rotation. */
  let visited = new Set<number>();

  return {
    name: 'account',
    everyMs: 30_000,
    restTimes: REST_TIMES,
    async runOnce() {
      const lanes = await laneFronts(producer, now());
      const look = async (cell: number, thorough: boolean): Promise<void> => {
        const [from, to] = [new Date(cell), new Date(cell + CELL_MS)];
        const found = await countUnaccounted(sql, { from, to, lanes, graceMs: GRACE_MS, thorough });
        if (found.length > 0) cells.set(cell, found);
        else cells.delete(cell);
      };
      const recent = cellOf(now() - RECENT_MS);
      for (let cell = recent; cell < now() - GRACE_MS; cell += CELL_MS) await look(cell, false);
      await lookAtOlder(recent, look);
      return tell([
        ...(await countOverdue(sql, { lanes, graceMs: GRACE_MS })),
        ...[...cells.values()].flat(),
      ]);
    },
    standDown() {
      cells.clear();
      tell([]);
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
        // Minutes that were not met any more are empty: what was in them is gone.
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

  function tell(found: readonly Unaccounted[]): number {
    const sums = UNACCOUNTED_KINDS.map((kind) => {
      const ofKind = found.filter((each) => each.kind === kind);
      const examples = ofKind.flatMap((each) => each.examples).slice(0, 3);
      return { kind, count: ofKind.reduce((sum, { count }) => sum + count, 0), examples };
    });
    for (const { kind, count } of sums) onCounted(kind, count);
    const some = sums.filter(({ count }) => count > 0);
    if (some.length > 0) onFound(some);
    return some.reduce((sum, { count }) => sum + count, 0);
  }
}

function cellOf(ms: number): number {
  return Math.floor(ms / CELL_MS) * CELL_MS;
}
