import { setTimeout as pause } from 'node:timers/promises';
import type { Claimed } from './deliver/claimed.ts';
import type { Leases } from './deliver/leases.ts';

/**
 * How a worker process ends. It takes no more jobs; those that wait for their turn go back; claims whose call is not
 * written yet are given back unsent; calls in flight end and are recorded. Then relays and maintenance end too, and the
 * connections are closed. At the deadline unwritten calls are given back all the same; calls that may have been written
 * are left to their lease, and become visible doubts.
 */
export interface Draining {
  /** Aborted at the beginning: all waits end. */
  stopping: AbortController;
  leases: Leases;
  /** Deliveries first, then relays, maintenance, breakers ...: all services that run on their own. */
  services: readonly { stop(): unknown }[];
  /** Gives claims back, unsent. */
  release(unwritten: readonly Claimed[]): Promise<unknown>;
  /** Closes what all of them use. */
  close(): Promise<void>;
}

/** Time for the last statements at the deadline; orchestrators kill soon after it. */
const LAST_WORDS_MS = 2000;
/** All work is done by then: a connection that cannot be closed cleanly is closed by the end of the process. */
const CLOSE_MS = 1000;

/** @returns how many calls were cut off: written, or answered and not recorded. 0 is a clean end. */
export async function drain(parts: Draining, withinMs: number): Promise<number> {
  const { stopping, leases, services, release, close } = parts;
  const deadline = new AbortController();
  const late = pause(withinMs, 'late', { signal: deadline.signal }).catch(() => 'late');

  leases.forbidWrites();
  // Each service stops taking work before it waits for what it has; only then are waiting deliveries released.
  const ended = Promise.all(services.map((service) => service.stop()));
  stopping.abort();

  if ((await Promise.race([ended, late])) === 'late') {
    const { unwritten, written } = leases.inHand();
    await Promise.race([release(unwritten).catch(() => {}), pause(LAST_WORDS_MS)]);
    return written;
  }
  deadline.abort();
  await leases.stop();
  await Promise.race([close(), pause(CLOSE_MS)]);
  return 0;
}
