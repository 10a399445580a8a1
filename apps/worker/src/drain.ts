import { setTimeout as pause } from 'node:timers/promises';
import type { Consumer } from '@carillon/queue/consumer';
import type { Gate } from './deliver/gate.ts';
import type { Leases } from './deliver/leases.ts';
import type { Claimed } from './deliver/steps.ts';

/**
 * How a worker process ends. It takes no more jobs; those that wait for their turn go back; claims whose call is not
 * written yet are given back unsent; calls that are out end and are recorded. Then relays and maintenance have ended
 * too, and the connections are closed. At the deadline what was never written is given back all the same; what may have
 * been written is left to its lease, and becomes a visible doubt.
 */
export interface Draining {
  /** Aborted at the beginning: whoever waits gives up. */
  stopping: AbortController;
  consumers: readonly Consumer[];
  gates: readonly Gate[];
  leases: Leases;
  /** Relays, maintenance, breakers ...: all that works by itself. */
  services: readonly { stop(): unknown }[];
  /** Gives claims back, unsent. */
  release(unwritten: readonly Claimed[]): Promise<unknown>;
  /** Closes what all of them use. */
  close(): Promise<void>;
}

/** For the last words at the deadline; orchestrators kill soon after it. */
const LAST_WORDS_MS = 2000;
/** All work is done by then: a connection that cannot be closed politely is closed by the end of the process. */
const CLOSE_MS = 1000;

/** @returns how many calls were cut off: written, or answered and not recorded. 0 is a clean end. */
export async function drain(parts: Draining, withinMs: number): Promise<number> {
  const { stopping, consumers, gates, leases, services, release, close } = parts;
  const deadline = new AbortController();
  const late = pause(withinMs, 'late', { signal: deadline.signal }).catch(() => 'late');

  leases.forbidWrites();
  // Closed before the gates are, or they would fetch anew what the gates turn away.
  const closed = consumers.map((consumer) => consumer.close());
  for (const gate of gates) gate.close();
  stopping.abort();
  const ended = Promise.all([...closed, ...services.map((service) => service.stop())]);

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
