import { PRIORITIES, type Priority } from '@carillon/core/priority';
import { takeDoubts } from '@carillon/db/queries/take-doubts';
import type { Duty } from '../service.ts';
import type { ResolveDeps } from './resolve/deps.ts';
import { settle } from './resolve/settle.ts';

/**
 * Settles what nobody knows: takes doubts whose look is due, decides each by the facts (core/doubt), and does what was
 * decided: the same call again, a question to the provider, a new send, a person's turn, or the end. Every decision
 * goes into the timeline with its evidence.
 *
 * Safe on every node and at every crash: a doubt taken is only put ahead by HOLD_MS, and every move is guarded.
 */
export interface ResolveOptions extends ResolveDeps {
  /** A duty per priority keeps critical doubts from waiting behind slow calls for others. */
  priorities?: readonly Priority[];
  /** Doubts looked at at the same time, and so calls and lookups that are out. */
  batch?: number;
  /** Aborted when the process stops: no more looks are begun. */
  stopping?: AbortSignal;
}

/** Longer than a look takes (a lookup has 5 s, a permit 2 s); how long a doubt waits whose resolver died. */
const HOLD_MS = 15_000;
/** A turn begins no more looks after this, so that a process that stops is not held up. */
const TURN_MS = 5000;

export function resolve({ priorities = PRIORITIES, batch = 50, stopping, ...deps }: ResolveOptions): Duty {
  const look = (row: Parameters<typeof settle>[0]): Promise<void> => settle(row, deps).catch(deps.onError);

  return {
    name: 'resolve',
    everyMs: 1000,
    async runOnce() {
      // Under the wrong policy a message could be sent twice that must not be.
      await deps.categories.known();
      const endAt = performance.now() + TURN_MS;
      let total = 0;
      for (;;) {
        const rows = await takeDoubts(deps.sql, priorities, HOLD_MS, batch);
        await Promise.all(rows.map(look));
        total += rows.length;
        if (rows.length < batch || performance.now() > endAt || stopping?.aborted) return total;
      }
    },
  };
}
