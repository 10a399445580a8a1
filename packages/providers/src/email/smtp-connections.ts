import SMTPConnection, { type SMTPConnectionOptions } from 'nodemailer/lib/smtp-connection';
import { deadlinePassed } from '../call-failure.ts';

/**
 * Keep-alive SMTP connections. nodemailer's own pool re-queues a message when its connection closes and gives no hold
 * on the connection that carries a message; at a deadline that one has to be cut, or the message could still go out
 * after we said that it did not.
 */
export interface SmtpConnections {
  /**
   * A connection that is greeted and logged in, for one message.
   *
   * @throws what connecting or logging in failed with, or that the deadline passed: nothing of a message was written.
   */
  take(signal: AbortSignal): Promise<SMTPConnection>;
  /** Back for the next message, after one that was accepted. */
  giveBack(connection: SMTPConnection): void;
  /** Cut at once; what it was doing is over. */
  drop(connection: SMTPConnection): void;
  close(): Promise<void>;
}

export interface SmtpConnectionsOptions {
  server: SMTPConnectionOptions;
  auth?: { user: string; pass: string };
  maxConnections: number;
}

const IDLE_MS = 20_000;
/** Servers limit messages per connection; a fresh one now and then also spreads over their addresses. */
const MAX_MESSAGES = 100;

export function smtpConnections({ server, auth, maxConnections }: SmtpConnectionsOptions): SmtpConnections {
  const messages = new WeakMap<SMTPConnection, number>();
  const idle = new Map<SMTPConnection, NodeJS.Timeout>();
  const waiting: (() => void)[] = [];
  let open = 0;
  let closed = false;

  const forget = (connection: SMTPConnection): void => {
    clearTimeout(idle.get(connection));
    idle.delete(connection);
    if (!messages.delete(connection)) return;
    open--;
    waiting.shift()?.();
  };

  const end = (connection: SMTPConnection): void => {
    connection.quit();
    forget(connection);
  };

  const connect = (signal: AbortSignal): Promise<SMTPConnection> =>
    new Promise((resolve, reject) => {
      const connection = new SMTPConnection(server);
      open++;
      messages.set(connection, 0);
      const fail = (error: unknown): void => {
        signal.removeEventListener('abort', onAbort);
        connection.close();
        forget(connection);
        reject(error);
      };
      const onAbort = (): void => fail(deadlinePassed(signal));
      const ready = (error?: Error | null): void => {
        signal.removeEventListener('abort', onAbort);
        if (error) return void fail(error);
        // Without this every message waits 40 ms: its end goes out only when its beginning was acknowledged.
        if (connection._socket) connection._socket.setNoDelay(true);
        resolve(connection);
      };
      signal.addEventListener('abort', onAbort, { once: true });
      // An 'error' without a listener would end the process; afterwards `send` gets the same error in its callback.
      connection.on('error', fail);
      connection.on('end', () => forget(connection));
      connection.connect((error) => {
        if (error) return fail(error);
        if (auth) connection.login(auth, ready);
        else ready();
      });
    });

  const turn = (signal: AbortSignal): Promise<void> =>
    new Promise((resolve, reject) => {
      const go = (): void => {
        signal.removeEventListener('abort', onAbort);
        resolve();
      };
      const onAbort = (): void => {
        waiting.splice(waiting.indexOf(go), 1);
        reject(deadlinePassed(signal));
      };
      waiting.push(go);
      signal.addEventListener('abort', onAbort, { once: true });
    });

  return {
    async take(signal) {
      for (;;) {
        if (signal.aborted) {
          // It may just have been given a turn that it cannot use.
          waiting.shift()?.();
          throw deadlinePassed(signal);
        }
        const [connection] = [...idle.keys()].slice(-1);
        if (connection) {
          clearTimeout(idle.get(connection));
          idle.delete(connection);
          return connection;
        }
        if (open < maxConnections) return connect(signal);
        await turn(signal);
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
      waiting.shift()?.();
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
