import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { failureOf } from '@carillon/core/program/explain-failure';
import { cureOf } from './broken-sockets.ts';
import { type ReadOnlySessions, readOnlySessions } from './read-only-sessions.ts';
import { endWhenSilent } from './silence.ts';

/**
 * Opens the connections of postgres.js, through its `socket` option: the TCP connection, TLS if the URL's `sslmode`
 * asks for it, detection of silence and of sessions that cannot write, and workarounds for faults of postgres.js 3.4.9
 * after a broken connection. A worker must survive any end of a connection; with the sockets that the library opens
 * itself it does not.
 */
export interface SocketOptions {
  url: string;
  connectTimeoutMs: number;
  /** A connection silent for this long is ended. */
  silenceMs: number;
  /** Holds the error of the last attempt to connect; null after one that succeeded. */
  lastFailure?: { error: unknown };
  /** Watches every session. */
  sessions?: ReadOnlySessions;
}

/** The connection that postgres.js requests. */
export interface Target {
  host: string[];
  port: number[];
  /** A unix socket, if the URL names one. */
  path?: string | false;
  /** Set on the connection that only listens for notifications. */
  onnotify?: unknown;
}

/** A listening connection is normally silent, and notifications only save waiting. */
const LISTENER_PATIENCE = 5;

export function sockets({
  url,
  connectTimeoutMs,
  silenceMs,
  lastFailure = { error: null },
  sessions: readOnly = readOnlySessions(),
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
      readOnly.watch(socket);
      lastFailure.error = null;
      return cureOf(socket);
    } catch (error) {
      lastFailure.error = error;
      // A connection that never had a socket would stay "connecting" forever: it gets one that breaks at once.
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
  /** Continue unencrypted if the server has no TLS. */
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

/** PostgreSQL's TLS negotiation: requested unencrypted, answered with one letter. */
async function encrypt(raw: Socket, name: string, { verified, optional }: Tls): Promise<Socket> {
  raw.write(Buffer.from([0, 0, 0, 8, 4, 210, 22, 47]));
  const answer = (await said(raw, 'data')) as Buffer;
  raw.pause();
  if (answer.toString('latin1') !== 'S') {
    if (optional) return raw;
    throw failureOf('NO_TLS', 'PostgreSQL offers no TLS, but sslmode asks for it');
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
