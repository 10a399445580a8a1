import { PRIORITIES, type Priority } from '@carillon/core/notification/priority';
import { isTransient } from '@carillon/db/connection/sql-state';
import { deferDoubt } from '@carillon/db/doubts/decisions';
import { type DoubtRow, takeDoubts } from '@carillon/db/doubts/take-doubts';
import { startMessageSpan, within } from '../deliver/delivery-spans.ts';
import type { Duty } from '../service.ts';
import type { ResolveContext } from './resolve/context.ts';
import { settle } from './resolve/settle.ts';

/**
 * Settles doubts: takes those whose look is due, decides each by the facts (core/doubt), and acts on the decision: the
 * same call again, a question to the provider, a new send, a decision left to a person, or the end. Every decision goes
 * into the timeline with its evidence.
 *
 * Safe on every node and at every crash: a taken doubt is only deferred by HOLD_MS, and every move is guarded.
 */
export interface ResolveOptions {
  /** A duty per priority keeps critical doubts from waiting behind slow calls for others. */
  priorities?: readonly Priority[];
  /** Doubts looked at in parallel, which bounds calls and lookups in flight. */
  batch?: number;
}

/** Longer than a look takes (a lookup has 5 s, a permit 2 s); how long a doubt waits if its resolver died. */
const HOLD_MS = 15_000;
/** A turn starts no more looks after this, so that it does not delay a stop. */
const TURN_MS = 5000;
/** Consecutive looks at one doubt that fail for no transient reason; then a person has to look. */
const FAILURES_AT_MOST = 5;

export function resolve(
  ctx: ResolveContext,
  { priorities = PRIORITIES, batch = 50 }: ResolveOptions = {},
): Duty {
  /** How many consecutive looks at each doubt have failed, in this process. */
  const failures = new Map<string, number>();

  const look = async (row: DoubtRow): Promise<void> => {
    const span = startMessageSpan('settle', row, Date.now());
    try {
      await within(span, () => settle(row, ctx));
      failures.delete(row.id);
    } catch (error) {
      ctx.onError(error, row.id);
      if (isTransient(error)) return;
      const count = (failures.get(row.id) ?? 0) + 1;
      failures.set(row.id, count);
      if (count < FAILURES_AT_MOST) return;
      failures.delete(row.id);
      await hold(row, error).catch(ctx.onError);
    } finally {
      span?.end();
    }
  };

  /** Without it a doubt that hits a defect is looked at without end. */
  const hold = async (row: DoubtRow, error: unknown): Promise<void> => {
    const name = error instanceof Error ? error.name : typeof error;
    const reason = `waits for a person: ${FAILURES_AT_MOST} looks at it failed (${name}); the worker's log has the details`;
    const detail = {
      decision: 'hold',
      attempt: row.attempt_count,
      provider: row.provider,
      how: 'held',
    } as const;
    if (await deferDoubt(ctx.sql, row, null, { reason, detail })) ctx.onSettled('held');
  };

  return {
    name: 'resolve',
    everyMs: 1000,
    async runOnce() {
      // Under the wrong policy a message could be sent twice that must not be.
      await ctx.categories.known();
      const endAt = performance.now() + TURN_MS;
      let total = 0;
      for (;;) {
        const sentAt = performance.now();
        const rows = await takeDoubts(ctx.sql, priorities, HOLD_MS, batch);
        if (rows[0]) ctx.clock.observe(sentAt, rows[0].now);
        await Promise.all(rows.map(look));
        total += rows.length;
        if (rows.length < batch || performance.now() > endAt || ctx.stopping.aborted) return total;
      }
    },
  };
}
