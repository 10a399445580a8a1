import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Work of a few milliseconds each for very many messages (links of long e-mails) that are ready in the same turn of the
 * event loop would together block everything else. After some of it the event loop gets a turn: sockets, leases, other
 * lanes.
 */
export interface SharedTurns {
  /** Waits for a turn in which work may be done. */
  next(): Promise<void>;
  /** Runs the work, and counts its time. */
  of<T>(work: () => T): T;
}

const MS_A_TURN = 8;

export function sharedTurns(monotonicMs: () => number = () => performance.now()): SharedTurns {
  let spentMs = 0;
  let following: Promise<void> | null = null;

  return {
    next: async () => {
      while (spentMs >= MS_A_TURN) {
        following ??= nextTurn().then(() => {
          spentMs = 0;
          following = null;
        });
        await following;
      }
    },
    of: (work) => {
      const began = monotonicMs();
      try {
        return work();
      } finally {
        spentMs += monotonicMs() - began;
      }
    },
  };
}
