import { setTimeout as pause } from 'node:timers/promises';

/** The simulator's ledger as the judge of a run: what arrived, when, and whether anything came twice. */
export interface Arrival {
  /** Of the notification (Carillon) or the message (control). */
  id: string;
  atMs: number;
}

export interface Ledger {
  /** The number of the newest line: where a run begins. */
  mark(): Promise<number>;
  /**
   * Waits until so many lines came after the mark.
   *
   * @param quietMs gives up when nothing has come for so long
   * @returns how many came
   */
  waitFor(mark: number, count: number, quietMs: number): Promise<number>;
  arrivals(mark: number): Promise<Arrival[]>;
}

/**
 * The first arrival may start a clock; afterwards each question takes its share of the processors that are measured.
 */
const POLL_MS = { first: 20, rest: 100 };

export function openLedger(simulator: string): Ledger {
  const mark = async (): Promise<number> => {
    const answer = await fetch(`${simulator}/stats`);
    return ((await answer.json()) as { last_seq: number }).last_seq;
  };
  return {
    mark,

    async waitFor(from, count, quietMs) {
      let seen = 0;
      let movedAt = performance.now();
      for (;;) {
        const now = (await mark()) - from;
        if (now > seen) movedAt = performance.now();
        seen = now;
        if (seen >= count || performance.now() - movedAt > quietMs) return seen;
        await pause(seen === 0 ? POLL_MS.first : POLL_MS.rest);
      }
    },

    async arrivals(from) {
      const text = await (await fetch(`${simulator}/ledger?after=${from}`)).text();
      const arrivals: Arrival[] = [];
      for (const line of text.split('\n')) {
        if (line === '') continue;
        const { notification_id, at } = JSON.parse(line) as { notification_id: string; at: string };
        arrivals.push({ id: notification_id, atMs: Date.parse(at) });
      }
      return arrivals;
    },
  };
}

/** The faults that a run must not have. */
export interface Faults {
  lost: number;
  doubled: number;
}

/** @param accepted every id that the API has answered for */
export function findFaults(accepted: ReadonlySet<string>, arrivals: readonly Arrival[]): Faults {
  const arrived = new Set(arrivals.map(({ id }) => id));
  return {
    lost: [...accepted].filter((id) => !arrived.has(id)).length,
    doubled: arrivals.length - arrived.size,
  };
}
