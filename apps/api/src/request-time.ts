import type { IncomingMessage, Server } from 'node:http';
import type { Socket } from 'node:net';

/**
 * Bounds how long a request may take to arrive, in the place of Node's `requestTimeout`: that one knows no exceptions,
 * and an upload may take as long as its bytes come. Costs nothing per request: connections are looked at now and then.
 */
export interface RequestTimeOptions {
  /** For a whole request, in milliseconds; kept to one interval. */
  limitMs?: number;
  everyMs?: number;
  /** The request that a connection has at the moment. */
  requestOf(socket: Socket): IncomingMessage | undefined;
  /** Answers it and ends the connection. */
  end(socket: Socket): void;
}

/** As Node's own default. */
const LIMIT_MS = 300_000;
const EVERY_MS = 30_000;

const unlimited = new WeakSet<IncomingMessage>();

/** For a request with a limit of its own. */
export function withoutTimeLimit(request: IncomingMessage): void {
  unlimited.add(request);
}

export function limitRequestTime(
  server: Server,
  { limitMs = LIMIT_MS, everyMs = EVERY_MS, requestOf, end }: RequestTimeOptions,
): void {
  server.requestTimeout = 0;
  const sockets = new Set<Socket>();
  /** How often a request was found incomplete. */
  const looks = new WeakMap<IncomingMessage, number>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  const look = (): void => {
    for (const socket of sockets) {
      const request = requestOf(socket);
      if (request === undefined || request.complete || unlimited.has(request)) continue;
      const count = (looks.get(request) ?? 0) + 1;
      looks.set(request, count);
      if ((count - 1) * everyMs >= limitMs) end(socket);
    }
  };
  const timer = setInterval(look, everyMs).unref();
  server.once('close', () => clearInterval(timer));
}
