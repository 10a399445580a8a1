import { createServer } from 'node:net';

/**
 * Ports for servers on this machine. All lie below 32768: above it Linux hands the same numbers to outgoing
 * connections, so a server that is restarted on its port would now and then find it taken by a client.
 */
export const HIGHEST_PORT = 32767;

/** Whether a server could listen on this port of 127.0.0.1 right now. */
export function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/**
 * A free port, not yet given to anyone in `taken`, which it then joins.
 *
 * @param usual tried first; without it, or when it is taken, a random one from 20000 on
 * @throws when 200 random ports are all taken
 */
export async function freePort(usual?: number, taken: Set<number> = new Set()): Promise<number> {
  const candidates = function* () {
    if (usual !== undefined) yield usual;
    for (let tries = 0; tries < 200; tries++)
      yield 20_000 + Math.floor(Math.random() * (HIGHEST_PORT - 20_000));
  };
  for (const port of candidates()) {
    if (taken.has(port) || !(await isFree(port))) continue;
    taken.add(port);
    return port;
  }
  throw new Error(
    `no free port between 20000 and ${HIGHEST_PORT} after 200 tries; is something holding them all?`,
  );
}

/**
 * The port at exactly `port`.
 *
 * @throws with the number and the remedy when it is out of range or taken
 */
export async function exactPort(port: number, purpose: string): Promise<number> {
  if (!Number.isInteger(port) || port < 1024 || port > HIGHEST_PORT) {
    throw new Error(
      `port ${port} for ${purpose} is outside 1024..${HIGHEST_PORT}; choose another --port-base`,
    );
  }
  if (!(await isFree(port))) {
    throw new Error(
      `port ${port} for ${purpose} is taken; end what listens there or choose another --port-base`,
    );
  }
  return port;
}
