import type { LookupAddress } from 'node:dns';
import { PrioritySemaphore } from '@carillon/core/program/semaphore';
import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { isPublicOnly, reach } from '../http/public-reach.ts';
import { deadlinePassed } from '../outcome/call-failure.ts';
import { clientName } from './client-name.ts';

/**
 * Keep-alive SMTP connections. nodemailer's own pool re-queues a message when its connection closes and gives no access
 * to the connection that carries a message; at a deadline that one has to be destroyed, or the message could still be
 * sent after it was reported as unsent.
 */
export interface SmtpConnections {
  /**
   * A greeted and authenticated connection, for one message.
   *
   * @throws the error of connecting or logging in, or of the deadline: nothing of a message was written.
   */
  take(signal: AbortSignal): Promise<SMTPConnection>;
  /** Returned for the next message, after an accepted one. */
  giveBack(connection: SMTPConnection): void;
  /** Destroyed at once, with any command in progress. */
  drop(connection: SMTPConnection): void;
  close(): Promise<void>;
}

export interface SmtpConnectionsOptions {
  server: SMTPConnectionOptions;
  auth?: { user: string; pass: string };
  maxConnections: number;
  /** The EHLO name; defaults to the name of this machine. */
  ehloName?: string;
  timeouts: SmtpTimeouts;
}

/** All in milliseconds. */
export interface SmtpTimeouts {
  connectMs: number;
  greetingMs: number;
  /** EHLO, STARTTLS and login together. */
  commandMs: number;
  /** For an open connection without traffic: a safety limit only. */
  silenceMs: number;
}

/** The EHLO name, on the error of a rejected connection. */
export interface Introduced {
  ehloName?: string;
}

const IDLE_MS = 20_000;
/** Servers limit messages per connection; occasional new ones also spread over their addresses. */
const MAX_MESSAGES = 100;

export function smtpConnections({
  server,
  auth,
  maxConnections,
  ehloName,
  timeouts,
}: SmtpConnectionsOptions): SmtpConnections {
  const { connectMs, greetingMs, commandMs, silenceMs } = timeouts;
  const limits = {
    // nodemailer's own timeout covers the whole set-up, so connecting alone is timed here.
    connectionTimeout: connectMs + greetingMs + commandMs,
    greetingTimeout: greetingMs,
    socketTimeout: Math.max(greetingMs, commandMs),
  };
  const messages = new WeakMap<SMTPConnection, number>();
  const idle = new Map<SMTPConnection, NodeJS.Timeout>();
  /** A slot for each connection that carries a message. An idle connection is reused before another is opened. */
  const places = new PrioritySemaphore(maxConnections);
  const inUse = new Map<SMTPConnection, () => void>();
  let closed = false;

  const leave = (connection: SMTPConnection): void => {
    inUse.get(connection)?.();
    inUse.delete(connection);
  };

  const forget = (connection: SMTPConnection): void => {
    clearTimeout(idle.get(connection));
    idle.delete(connection);
    messages.delete(connection);
    leave(connection);
  };

  const end = (connection: SMTPConnection): void => {
    connection.quit();
    forget(connection);
  };

  const connect = (signal: AbortSignal): Promise<SMTPConnection> =>
    new Promise((resolve, reject) => {
      const connection = new SMTPConnection({ ...server, ...limits });
      introduce(connection, ehloName);
      messages.set(connection, 0);
      const stopWaiting = (): void => {
        signal.removeEventListener('abort', onAbort);
        clearTimeout(connecting);
        clearTimeout(loggingIn);
      };
      const fail = (error: unknown): void => {
        stopWaiting();
        const refused = error instanceof Error ? Object.assign(error, { ehloName: connection.name }) : error;
        connection.close();
        forget(connection);
        reject(refused);
      };
      const connecting = setTimeout(() => {
        if (!connection._socket || connection._socket.connecting) fail(timedOut('CONNECT_TIMEOUT'));
      }, connectMs);
      let loggingIn: NodeJS.Timeout | undefined;
      const onAbort = (): void => fail(deadlinePassed(signal));
      const ready = (error?: Error | null): void => {
        stopWaiting();
        if (error) return void fail(error);
        if (connection._socket) {
          // Without this every message waits 40 ms: its end is sent only when its beginning was acknowledged.
          connection._socket.setNoDelay(true);
          connection._socket.setTimeout(silenceMs);
        }
        resolve(connection);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      // An 'error' without a listener would end the process; afterwards `send` gets the same error in its callback.
      connection.on('error', fail);
      connection.on('end', () => forget(connection));
      const greet = (addresses?: LookupAddress[]): void => {
        // Abandoned meanwhile.
        if (!messages.has(connection)) return;
        // nodemailer resolves the name again, and might get another address than the checked one.
        if (addresses && isPublicOnly()) Object.assign(connection, { host: addresses[0]!.address });
        connection.connect((error) => {
          if (error) return fail(error);
          if (!auth) return ready();
          loggingIn = setTimeout(() => fail(timedOut('LOGIN_TIMEOUT')), commandMs);
          connection.login(auth, ready);
        });
      };
      // Without an answer of DNS nodemailer calls getaddrinfo, which blocks a thread of the process: so it never gets
      // such a name.
      if (server.host === undefined) greet();
      else reach.resolve(server.host).then(greet, fail);
    });

  /** The most recently used one. */
  const takeIdle = (): SMTPConnection | undefined => {
    const [connection] = [...idle.keys()].slice(-1);
    if (!connection) return undefined;
    clearTimeout(idle.get(connection));
    idle.delete(connection);
    return connection;
  };

  return {
    async take(signal) {
      const release = await places.acquire({ signal });
      if (!release) throw deadlinePassed(signal);
      try {
        const connection = takeIdle() ?? (await connect(signal));
        inUse.set(connection, release);
        return connection;
      } catch (error) {
        release();
        throw error;
      }
    },
    giveBack(connection) {
      const sent = messages.get(connection);
      if (sent === undefined) return;
      if (closed || sent + 1 >= MAX_MESSAGES) return end(connection);
      messages.set(connection, sent + 1);
      idle.set(
        connection,
        setTimeout(() => end(connection), IDLE_MS),
      );
      leave(connection);
    },
    drop(connection) {
      connection.close();
      forget(connection);
    },
    async close() {
      closed = true;
      for (const connection of [...idle.keys()]) end(connection);
    },
  };
}

/** The address literal is known only once there is a socket, and STARTTLS replaces the socket. */
function introduce(connection: SMTPConnection, ehloName: string | undefined): void {
  const name = (): string =>
    ehloName ?? clientName(connection._socket ? connection._socket.localAddress : undefined);
  Object.defineProperty(connection, 'name', { get: name });
}

function timedOut(timeoutType: string): Error {
  return Object.assign(new Error('a part of setting up the connection took too long'), {
    code: 'ETIMEDOUT',
    timeoutType,
  });
}
