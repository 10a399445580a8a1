import type { OnEntered } from '@carillon/core/notification/entered';
import type { Priority } from '@carillon/core/notification/priority';
import {
  finishBulkAction,
  listRunningBulkActions,
  nextOfBulkAction,
  type RunningBulkAction,
  runBulkItem,
} from '@carillon/db/bulk/run-bulk-action';
import type { Position } from '@carillon/db/notifications/notification-sources';
import { moveInBulk } from '@carillon/services/bulk/move';
import { filterOf, knowsFilter } from '@carillon/services/notifications/filter';
import type { Sql } from 'postgres';
import type { Duty } from '../service.ts';

/**
 * Carries out bulk actions (`POST /v1/bulk`), each at its own rate. PostgreSQL holds how far one has come, so any process
 * may go on with it, and two at once count nothing twice. Runs in the leader.
 */
export interface BulkOptions {
  sql: Sql;
  wake(priority: Priority): void;
  onEntered: OnEntered;
  stopping: AbortSignal;
  now?(): number;
}

const EVERY_MS = 1_000;
const MOST_AT_A_TIME = 20;
/** After a pause an action does not catch up by more than this. */
const LONGEST_CREDIT_MS = 2_000;
/** Pages without a match are read until then, so that a turn ends. */
const EMPTY_PAGES_MS = 1_000;

export function bulk({ sql, wake, onEntered, stopping, now = () => performance.now() }: BulkOptions): Duty {
  /** By action: where the pages without a match have led, and since when it has credit. */
  const progress = new Map<string, { from: Position | null; since: number }>();

  const turn = async (action: RunningBulkAction): Promise<number> => {
    // Left to a worker of the newer release that accepted it.
    if (!knowsFilter(action.filter)) return 0;
    const began = now();
    const { from, since } = progress.get(action.id) ?? { from: null, since: began - EVERY_MS };
    const room = Math.floor((action.ratePerSecond * Math.min(began - since, LONGEST_CREDIT_MS)) / 1000);
    if (room < 1) return 0;
    const filter = filterOf(action.filter);
    let at = action.position;
    let page = await nextOfBulkAction(sql, action, filter, from ?? at, room);
    while (page.items.length === 0 && page.next !== null && now() - began < EMPTY_PAGES_MS)
      page = await nextOfBulkAction(sql, action, filter, page.next, room);
    progress.set(action.id, { from: page.items.length === 0 ? page.next : null, since: began });

    let count = 0;
    for (const item of page.items) {
      if (stopping.aborted) return count;
      const result = await runBulkItem(sql, action, at, item, (tx) => moveInBulk(tx, action, item.id));
      // It was stopped, or another process goes on with it.
      if (result === null) return count;
      at = item;
      count++;
      if (!('moved' in result)) continue;
      const { channel, priority, state } = result.moved;
      onEntered({ appId: action.appId, channel, priority, provider: null, state });
      if (state !== 'cancelled') wake(priority);
    }
    if (page.next === null) await finishBulkAction(sql, action, at);
    return count;
  };

  return {
    name: 'bulk',
    everyMs: EVERY_MS,
    async runOnce() {
      const actions = await listRunningBulkActions(sql, MOST_AT_A_TIME);
      for (const id of progress.keys()) if (!actions.some((action) => action.id === id)) progress.delete(id);
      const turns = await Promise.allSettled(actions.map(turn));
      const failed = turns.find((each) => each.status === 'rejected');
      if (failed) throw failed.reason;
      return turns.reduce((sum, each) => sum + (each.status === 'fulfilled' ? each.value : 0), 0);
    },
    standDown: () => progress.clear(),
  };
}
