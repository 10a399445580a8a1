import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createSecureServer } from 'node:http2';
import type { AddressInfo, Server, Socket } from 'node:net';
import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { Behaviours } from './behaviour.ts';
import { Decider } from './decision.ts';
import { type InboxesOptions, inboxes } from './inboxes.ts';
import { Ledger } from './ledger.ts';
import { smtp } from './providers/smtp.ts';
import { followUp } from './receipts/follow-up.ts';
import { RequestHandler } from './request-handler.ts';
import { router } from './router.ts';

/**
 * Simulates every provider: real wire formats on three ports, a durable ledger of accepted messages, and faults on
 * command. Ports are HTTP (its own API and page too), TLS (HTTP/1.1 and HTTP/2, for the push services) and SMTP; the
 * HTTP providers answer on both of the first two.
 */
export interface SimulatorOptions {
  /** Directory of the ledger; a simulator restarted there continues where the last one ended. */
  dataDirectory: string;
  /** Default: 127.0.0.1. */
  host?: string;
  /** 0, the default, is any free port; the same for the others. */
  port?: number;
  tlsPort?: number;
  smtpPort?: number;
  /** Base URL of Carillon's API for receipts, signed as the real providers sign theirs. Without it none are sent. */
  receiptsUrl?: string;
  /** With these, `/inbox` shows the inboxes of an app's recipients. */
  inboxes?: InboxesOptions;
}

export interface Simulator {
  httpUrl: string;
  tlsPort: number;
  smtpUrl: string;
  /** PEM of the authority that signed the TLS certificate (localhost, 127.0.0.1, ::1, fcm.googleapis.com). */
  caFile: string;
  /**
   * Answers pending requests (3 s at most), closes the connections that are commanded to stay silent, closes the
   * ledger.
   */
  close(): Promise<void>;
}

const DRAIN_MS = 3_000;
/** Idle connections stay open: closing one under a request would cause an unintended doubt. */
const NEVER = 0;

/** @throws if a port is taken or the directory cannot be written. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const { dataDirectory, host = '127.0.0.1', port = 0, tlsPort = 0, smtpPort = 0, receiptsUrl } = options;
  const ledger = new Ledger(dataDirectory);
  const behaviours = new Behaviours();
  const receipts = receiptsUrl === undefined ? undefined : followUp({ apiUrl: receiptsUrl });
  const handler = new RequestHandler(ledger, new Decider(behaviours), receipts);
  const route = router(handler, behaviours, options.inboxes && inboxes(options.inboxes));
  const sockets = new Set<Socket>();

  const http = createServer({ keepAliveTimeout: NEVER, noDelay: true }, route);
  const tls = createSecureServer({ allowHTTP1: true, key: pem('key.pem'), cert: pem('cert.pem') }, route);
  Object.assign(tls, { keepAliveTimeout: NEVER });
  const mail = smtp(handler, behaviours);
  const servers: Server[] = [http, tls, mail.server];
  for (const server of servers) {
    server.on('connection', (socket: Socket) => {
      sockets.add(socket);
      socket.once('close', () => sockets.delete(socket));
    });
  }
  // Connections that clients reset are ignored.
  for (const event of ['clientError', 'tlsClientError']) {
    for (const server of [http, tls]) server.on(event, (_error: Error, socket: Socket) => socket.destroy());
  }

  const shutDown = async (): Promise<void> => {
    receipts?.close();
    const closed = Promise.all(servers.map(stopListening));
    await Promise.race([handler.close(), pause(DRAIN_MS, undefined, { ref: false })]);
    // One more turn of the event loop: the last answers are written when it begins.
    await nextTurn();
    mail.close();
    for (const socket of sockets) socket.destroy();
    await closed;
    ledger.close();
  };
  let closing: Promise<void> | undefined;
  const close = (): Promise<void> => {
    closing ??= shutDown();
    return closing;
  };

  try {
    await Promise.all([
      listen(http, port, host),
      listen(tls, tlsPort, host),
      listen(mail.server, smtpPort, host),
    ]);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    httpUrl: `http://${host}:${portOf(http)}`,
    tlsPort: portOf(tls),
    smtpUrl: `smtp://${host}:${portOf(mail.server)}`,
    caFile: fileURLToPath(new URL('../../../packages/providers/fixtures/tls/ca.pem', import.meta.url)),
    close,
  };
}

function pem(name: string): Buffer {
  return readFileSync(new URL(`../../../packages/providers/fixtures/tls/${name}`, import.meta.url));
}

function listen(server: Server, port: number, host: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    if (server.listening) server.close(() => resolve());
    else resolve();
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
