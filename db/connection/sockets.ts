import { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PostgresTls } from '@carillon/core/program/postgres-tls';
import { cureOf } from './broken-sockets.ts';
import { withSettings } from './pooled-socket.ts';
import { type ReadOnlySessions, readOnlySessions } from './read-only-sessions.ts';
import { endWhenSilent } from './silence.ts';
import { encrypt, isHandshake, refuseUnusableFiles, said, tlsOf } from './tls.ts';

/**
 * Opens the connections of postgres.js, through its `socket` option: the TCP connection, TLS by the URL's
 * `sslmode`, detection of silence and of sessions that cannot write, and workarounds for faults of postgres.js 3.4.9
 * after a broken connection. A worker must survive any end of a connection; with the sockets that the library opens
 * itself it does not.
 */
export interface SocketOptions {
  url: string;
  connectTimeoutMs: number;
  /** A connection silent for this long is ended; null: none is. */
  silenceMs: number | null;
  /** Holds the error of the last attempt to connect; null after one that succeeded. */
  lastFailure?: { error: unknown };
  /** A statement that precedes every transaction of one statement (pooled-socket.ts). */
  before?: string | null;
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
  before = null,
  sessions: readOnly = readOnlySessions(),
}: SocketOptions): (target: Target) => Promise<Socket> {
  const tls = tlsOf(url);
  refuseUnusableFiles(url);
  let opened = 0;

  return async (target) => {
    const turn = opened++ % target.host.length;
    const tried: Socket[] = [];
    const end = (error?: Error) => {
      for (const socket of tried) socket.destroy(error);
    };
    const timer = setTimeout(() => end(timedOut()), connectTimeoutMs);
    try {
      const open = async (tls: PostgresTls): Promise<Opened> => {
        const raw = new Socket();
        tried.push(raw);
        return { raw, socket: await reach(target, turn, raw, tls) };
      };
      const { raw, socket } = await open(tls).catch((error) => {
        // Where encryption is a wish, as libpq does: https://www.postgresql.org/docs/18/libpq-ssl.html
        if (tls.mode === 'prefer' && isHandshake(error)) return open({ ...tls, mode: 'disable' });
        throw error;
      });
      if (silenceMs !== null) endWhenSilent(raw, target.onnotify ? silenceMs * LISTENER_PATIENCE : silenceMs);
      if (before !== null) withSettings(socket, before);
      readOnly.watch(socket);
      lastFailure.error = null;
      return cureOf(socket);
    } catch (error) {
      lastFailure.error = error;
      // A connection that never had a socket would stay "connecting" forever: it gets one that breaks at once.
      const dead = new Socket();
      void nextTurn().then(() => dead.destroy());
      end();
      return cureOf(dead, error as Error);
    } finally {
      clearTimeout(timer);
    }
  };
}

interface Opened {
  raw: Socket;
  socket: Socket;
}

async function reach(
  { host, port, path }: Target,
  turn: number,
  raw: Socket,
  tls: PostgresTls,
): Promise<Socket> {
  const name = host[turn]!;
  if (path) raw.connect(path);
  else raw.connect(port[turn]!, name);
  await said(raw, 'connect');
  raw.setNoDelay(true);
  // What does not leave the machine is not encrypted, as in libpq.
  return path || tls.mode === 'disable' ? raw : encrypt(raw, name, tls);
}

function timedOut(): Error {
  return Object.assign(new Error('PostgreSQL could not be reached in time'), { code: 'CONNECT_TIMEOUT' });
}
