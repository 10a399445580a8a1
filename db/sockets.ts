import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { cureOf } from './broken-sockets.ts';
import { endWhenSilent } from './silence.ts';

/**
 * Opens the connections of postgres.js, through its `socket` option: the TCP connection, TLS if the URL's `sslmode`
 * asks for it, an ear for silence and the cure of what postgres.js 3.4.9 does wrong when a connection breaks. A worker
 * must outlive any end of a connection; with the sockets that the library opens itself it does not.
 */
export interface SocketOptions {
  url: string;
  connectTimeoutMs: number;
  /** A connection that has said nothing for so long is ended. */
  silenceMs: number;
}

/** What postgres.js tells about the connection it wants. */
export interface Target {
  host: string[];
  port: number[];
  /** A unix socket, if the URL names one. */
  path?: string | false;
  /** Set on the connection that only listens for notifications. */
  onnotify?: unknown;
}

/** A listening connection is quiet by nature, and notifications only save waiting. */
const LISTENER_PATIENCE = 5;

export function sockets({
  url,
  connectTimeoutMs,
  silenceMs,
}: SocketOptions): (target: Target) => Promise<Socket> {
  const tls = tlsOf(url);
  let opened = 0;

  const open = async ({ host, port, path }: Target, raw: Socket): Promise<Socket> => {
    const turn = opened++ % host.length;
    const name = host[turn]!;
    if (path) raw.connect(path);
    else raw.connect(port[turn]!, name);
    await said(raw, 'connect');
    raw.setNoDelay(true);
    return tls === null ? raw : encrypt(raw, name, tls);
  };

  return async (target) => {
    const raw = new Socket();
    const timer = setTimeout(() => raw.destroy(timedOut()), connectTimeoutMs);
    try {
      const socket = await open(target, raw);
      endWhenSilent(raw, target.onnotify ? silenceMs * LISTENER_PATIENCE : silenceMs);
      return cureOf(socket);
    } catch (error) {
      // A connection whose socket never was one would stay "connecting" for ever: it gets one that breaks at once.
      const dead = new Socket();
      void nextTurn().then(() => dead.destroy());
      raw.destroy();
      return cureOf(dead, error as Error);
    } finally {
      clearTimeout(timer);
    }
  };
}

interface Tls {
  verified: boolean;
  /** Go on in the clear if the server has no TLS. */
  optional: boolean;
}

function tlsOf(url: string): Tls | null {
  const { searchParams } = new URL(url);
  const mode = searchParams.get('sslmode') ?? searchParams.get('ssl') ?? 'disable';
  if (mode === 'disable' || mode === 'false') return null;
  const loose = mode === 'require' || mode === 'allow' || mode === 'prefer';
  const verified = !loose || searchParams.get('sslrootcert') === 'system';
  return { verified, optional: mode === 'prefer' || mode === 'allow' };
}

/** PostgreSQL's way into TLS: asked in the clear, answered with one letter. */
async function encrypt(raw: Socket, name: string, { verified, optional }: Tls): Promise<Socket> {
  raw.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const answer = (await said(raw, 'data')) as Buffer;
  raw.pause();
  if (answer.toString('latin1') !== 'S') {
    if (optional) return raw;
    throw new Error('PostgreSQL offers no TLS, but sslmode asks for it');
  }
  const secure: TLSSocket = connectTls({
    socket: raw,
    rejectUnauthorized: verified,
    host: name,
    ...(/^[\d.]+$|:/.test(name) ? {} : { servername: name }),
  });
  await said(secure, 'secureConnect');
  return secure;
}

/** Waits for an event of a socket that may fail or close instead. */
function said(socket: Socket, event: string): Promise<unknown> {
  return new Promise((resolve, reject) => {
    socket.once(event, resolve);
    socket.once('error', reject);
    socket.once('close', () => reject(gone()));
  });
}

function gone(): Error {
  return Object.assign(new Error('PostgreSQL closed the connection'), { code: 'CONNECTION_CLOSED' });
}

function timedOut(): Error {
  return Object.assign(new Error('PostgreSQL could not be reached in time'), { code: 'CONNECT_TIMEOUT' });
}
