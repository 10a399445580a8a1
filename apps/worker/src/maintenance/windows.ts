import { oldestNotification } from '@carillon/db/notifications/retention';
import type { Sql } from 'postgres';

/** A stretch of creation time, [from, to). */
export interface Window {
  from: Date;
  to: Date;
}

/** The same in milliseconds since the epoch. */
export type Stretch = readonly [fromMs: number, toMs: number];

/**
 * The windows of creation time in which there are notifications, the oldest first: how maintenance walks a table that
 * has no index on its states (docs/decisions/storage.md). Empty stretches cost one look-up, however long they are.
 */
export async function* windows(sql: Sql, [fromMs, toMs]: Stretch, widthMs: number): AsyncGenerator<Window> {
  for (let at = fromMs; at < toMs; ) {
    const next = (await oldestNotification(sql, new Date(at)))?.getTime();
    if (next === undefined || next >= toMs) return;
    const end = Math.min(next + widthMs, toMs);
    yield { from: new Date(next), to: new Date(end) };
    at = end;
  }
}

/** Walks everything in rotation, a few windows each time: no turn is long, and nothing is left out permanently. */
export function rotation(sql: Sql, widthMs: number): (count: number, toMs: number) => AsyncGenerator<Window> {
  let at = 0;
  return async function* next(count, toMs) {
    let left = count;
    for await (const window of windows(sql, [at, toMs], widthMs)) {
      yield window;
      at = window.to.getTime();
      if (--left === 0) return;
    }
    at = 0;
  };
}

/** Pure: the same time covered without overlaps, the oldest first. */
export function merged(stretches: readonly Stretch[]): Stretch[] {
  const result: [number, number][] = [];
  for (const [from, to] of stretches.toSorted((a, b) => a[0] - b[0])) {
    const last = result.at(-1);
    if (from >= to) continue;
    if (last && from <= last[1]) last[1] = Math.max(last[1], to);
    else result.push([from, to]);
  }
  return result;
}
