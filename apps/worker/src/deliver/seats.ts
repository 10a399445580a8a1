import { PRIORITIES, type Priority } from '@carillon/core/priority';
import type { ProviderAccount } from '@carillon/providers/contract';

/**
 * Who may call an account now, of this process: each adapter carries only so many calls at a time (`atOnce`: its
 * connections). More than that would wait inside it, on their own deadline, and then be taken for a provider that does
 * not answer. Here they wait before their call begins: critical first, in order, for nothing but time.
 */
export interface Seats {
  /** @returns gives the seat back; null if none came free in time, or the process stops. */
  take(account: ProviderAccount, priority: Priority, maxWaitMs: number): Promise<(() => void) | null>;
}

interface Waiting {
  seat(given: boolean): void;
}

interface Room {
  taken: number;
  waiting: Record<Priority, Set<Waiting>>;
}

/** @param stopping aborted when the process stops: whoever waits is turned away at once, and nobody waits any more. */
export function createSeats(stopping?: AbortSignal): Seats {
  const rooms = new Map<string, Room>();
  const roomOf = (account: string): Room => {
    let room = rooms.get(account);
    if (!room) {
      room = { taken: 0, waiting: { critical: new Set(), normal: new Set(), bulk: new Set() } };
      rooms.set(account, room);
    }
    return room;
  };

  const nextIn = ({ waiting }: Room): Waiting | undefined => {
    for (const priority of PRIORITIES) {
      const [first] = waiting[priority];
      if (first) {
        waiting[priority].delete(first);
        return first;
      }
    }
    return undefined;
  };
  const giveBack = (room: Room): void => {
    const next = nextIn(room);
    if (next) next.seat(true);
    else room.taken--;
  };

  const wait = (room: Room, priority: Priority, maxWaitMs: number): Promise<boolean> =>
    new Promise((resolve) => {
      const waiting: Waiting = {
        seat: (given) => {
          clearTimeout(timer);
          resolve(given);
        },
      };
      const timer = setTimeout(() => {
        room.waiting[priority].delete(waiting);
        resolve(false);
      }, maxWaitMs);
      room.waiting[priority].add(waiting);
    });

  stopping?.addEventListener('abort', () => {
    for (const { waiting } of rooms.values())
      for (const priority of PRIORITIES) {
        const turnedAway = [...waiting[priority]];
        waiting[priority].clear();
        for (const { seat } of turnedAway) seat(false);
      }
  });

  return {
    async take({ id, adapter: { atOnce = Number.POSITIVE_INFINITY } }, priority, maxWaitMs) {
      const room = roomOf(id);
      if (room.taken < atOnce) room.taken++;
      else if (stopping?.aborted || !(await wait(room, priority, maxWaitMs))) return null;
      return () => giveBack(room);
    },
  };
}
