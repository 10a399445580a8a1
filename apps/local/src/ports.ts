import { createServer } from 'node:net';

/**
 * Ports for servers on this machine. All are below 32768: above it Linux assigns the same numbers to outgoing
 * connections, so a restarted server would occasionally find its port taken by a client.
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
 * A free port.
 *
 * @param usual tried first; without it, or when it is not available, a random one from 20000 on
 * @param mayUse called with a free port; may refuse it
 * @throws when 200 random ports are not available
 */
export async function freePort(
  usual?: number,
  mayUse: (port: number) => boolean = () => true,
): Promise<number> {
  if (usual !== undefined && (await isFree(usual)) && mayUse(usual)) return usual;
  for (let tries = 0; tries < 200; tries++) {
    const port = 20_000 + Math.floor(Math.random() * (HIGHEST_PORT - 20_000));
    if ((await isFree(port)) && mayUse(port)) return port;
  }
  throw new Error(
    `no free port between 20000 and ${HIGHEST_PORT} after 200 tries; is something holding them all?`,
  );
}

/**
 * Exactly this port.
 *
 * @throws with the number and the remedy when it is out of range or not available
 */
export async function exactPort(
  port: number,
  purpose: string,
  mayUse: (port: number) => boolean = () => true,
): Promise<number> {
  if (!Number.isInteger(port) || port < 1024 || port > HIGHEST_PORT) {
    throw new Error(
      `port ${port} for ${purpose} is outside 1024..${HIGHEST_PORT}; choose another --port-base`,
    );
  }
  if (!(await isFree(port)) || !mayUse(port)) {
    throw new Error(
      `port ${port} for ${purpose} is taken; end what listens there or choose another --port-base`,
    );
  }
  return port;
}
