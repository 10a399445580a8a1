import {
  type ClaimedDelivery,
  DROPPED_AT_ONCE,
  type EndpointClaim,
  type EndpointWork,
} from '@carillon/db/webhooks/claim-event-deliveries';
import { createFairSlots, type FairSlots, type Slot } from './fair-slots.ts';

/**
 * Sends endpoints the deliveries that are due for them, each within its share of the slots. A wake-up signal means that
 * an endpoint may have something due; only PostgreSQL knows what. An endpoint without a free slot stays noted, costs
 * nothing meanwhile, and gets the next slot it may have, in turn with the other noted endpoints.
 *
 * The notes and the timers for later tries are in memory. If the process dies, the overdue-events duty finds its
 * deliveries.
 */
export interface Dispatch {
  ring(endpointId: string): void;
  /** Takes nothing more; resolves when the calls in hand have ended. */
  close(): Promise<void>;
}

export interface DispatchOptions {
  claim(claim: EndpointClaim): Promise<EndpointWork>;
  /** Makes one call and records it. */
  call(claimed: ClaimedDelivery): Promise<Called>;
  onError(error: unknown): void;
  slots?: FairSlots;
}

export interface Called {
  /** How long the endpoint was called; null if it was not. */
  tookMs: number | null;
  /** When it is tried again; null: never. */
  retryInMs: number | null;
}

/** PostgreSQL did not answer: the endpoint is signalled again after this long. */
const AFTER_ERROR_MS = 5_000;
/** Later tries due this close together share one timer. */
const ALARM_MS = 100;
/** A timer can run for at most 24 days. */
const LONGEST_ALARM_MS = 24 * 3600 * 1000;

export function createDispatch({
  claim,
  call,
  onError,
  slots = createFairSlots(),
}: DispatchOptions): Dispatch {
  /** Endpoints that may have something due, the one that has waited longest first. */
  const noted = new Set<string>();
  /** Endpoints with a claim in flight: two in one statement would get each other's deliveries. */
  const claiming = new Set<string>();
  const alarms = new Map<string, { at: number; timer: NodeJS.Timeout }>();
  const inHand = new Set<Promise<void>>();
  let scheduled = false;
  let closed = false;

  const ring = (endpointId: string): void => {
    if (closed) return;
    noted.add(endpointId);
    schedule();
  };

  const schedule = (): void => {
    if (scheduled || closed || noted.size === 0) return;
    scheduled = true;
    setImmediate(() => {
      scheduled = false;
      if (!closed) for (const endpointId of [...noted]) serve(endpointId);
    });
  };

  const serve = (endpointId: string): void => {
    if (claiming.has(endpointId)) return;
    const taken: Slot[] = [];
    for (let slot = slots.take(endpointId); slot !== null; slot = slots.take(endpointId)) taken.push(slot);
    if (taken.length === 0) return;
    noted.delete(endpointId);
    keep(bring(endpointId, taken));
  };

  const bring = async (endpointId: string, taken: Slot[]): Promise<void> => {
    const limit = taken.length;
    claiming.add(endpointId);
    let work: EndpointWork;
    try {
      work = await claim({ endpointId, limit });
    } catch (error) {
      for (const slot of taken) slots.give(slot, null);
      onError(error);
      alarm(endpointId, AFTER_ERROR_MS);
      return schedule();
    } finally {
      claiming.delete(endpointId);
    }
    const { claimed, nextInMs, dropped } = work;
    if (claimed[0]) slots.belongs(endpointId, claimed[0].appId);
    for (const slot of taken.splice(claimed.length)) slots.give(slot, null);
    for (const [index, slot] of taken.entries()) keep(run(claimed[index]!, slot));
    if (claimed.length === limit || dropped >= DROPPED_AT_ONCE) noted.add(endpointId);
    else if (nextInMs !== null) alarm(endpointId, nextInMs);
    schedule();
  };

  const run = async (claimed: ClaimedDelivery, slot: Slot): Promise<void> => {
    let tookMs: number | null = null;
    try {
      const called = await call(claimed);
      tookMs = called.tookMs;
      if (called.retryInMs !== null) alarm(claimed.endpointId, called.retryInMs);
    } catch (error) {
      // Not recorded: its lease ends, and the overdue-events duty finds it.
      onError(error);
    }
    slots.give(slot, tookMs);
    schedule();
  };

  const alarm = (endpointId: string, inMs: number): void => {
    const at = performance.now() + Math.min(Math.max(inMs, ALARM_MS), LONGEST_ALARM_MS);
    const set = alarms.get(endpointId);
    if (closed || (set && set.at <= at)) return;
    clearTimeout(set?.timer);
    const timer = setTimeout(() => {
      alarms.delete(endpointId);
      ring(endpointId);
    }, at - performance.now());
    timer.unref();
    alarms.set(endpointId, { at, timer });
  };

  const keep = (work: Promise<void>): void => {
    inHand.add(work);
    void work.finally(() => inHand.delete(work));
  };

  return {
    ring,
    async close() {
      closed = true;
      for (const { timer } of alarms.values()) clearTimeout(timer);
      while (inHand.size > 0) await Promise.all(inHand);
    },
  };
}
