import { type ClientHttp2Session, connect as connectHttp2 } from 'node:http2';
import { isIP } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { HttpClientOptions } from '../http/http-client.ts';
import { reach } from '../http/public-reach.ts';
import { deadlinePassed } from '../outcome/call-failure.ts';

/**
 * The few HTTP/2 sessions of an account, and the permission to open a stream on one. A request above the server's limit
 * would stay unsent inside node, and whether it was written would be unknown: so each waits here for a stream slot.
 */
export interface ApnsSessions {
  /**
   * A stream slot on a session that is connected and responsive.
   *
   * @returns at once if one is free. @throws the error of connecting, or of the deadline: nothing of the request was
   * written.
   */
  take(signal: AbortSignal): ApnsSession | Promise<ApnsSession>;
  giveBack(session: ApnsSession): void;
  /** No new streams on this session; open ones may finish. */
  retire(session: ApnsSession): void;
  /** Open streams may finish. */
  close(): Promise<void>;
}

export interface ApnsSession {
  readonly h2: ClientHttp2Session;
  /** Streams open, and how many the server allows. */
  open: number;
  limit: number;
  /** When the server last sent anything, by `performance.now()`. */
  heardAtMs: number;
  /** The highest stream that the server may have processed, after a GOAWAY. */
  lastStreamId: number | undefined;
}

export interface ApnsWireOptions extends HttpClientOptions {
  /**
   * A session idle for longer may be dead without any sign: it is pinged before it carries a message.
   */
  silentMs?: number;
}

const SESSIONS = 3;
const CONNECT_TIMEOUT_MS = 5_000;
/** Apple's limit is around 1,000; one event loop cannot use more than this. */
const MAX_STREAMS = 500;
const SILENT_MS = 60_000;
const PING_TIMEOUT_MS = 2_000;

export function apnsSessions(origin: string, options: ApnsWireOptions): ApnsSessions {
  const { connections: max = SESSIONS, silentMs = SILENT_MS } = options;
  const live: ApnsSession[] = [];
  const waiting: (() => void)[] = [];
  let effort: Promise<void> | undefined;
  let closed = false;

  const wakeOne = (): void => waiting.shift()?.();
  const wakeAll = (): void => {
    for (const waiter of waiting.splice(0)) waiter();
  };
  const drop = (session: ApnsSession): void => {
    const at = live.indexOf(session);
    if (at >= 0) live.splice(at, 1);
    wakeAll();
  };
  const isSilent = ({ heardAtMs }: ApnsSession): boolean => performance.now() - heardAtMs > silentMs;
  const free = (): ApnsSession | undefined => {
    const session = live.find((each) => each.open < each.limit && (each.open > 0 || !isSilent(each)));
    if (session) session.open++;
    return session;
  };

  const whenEmpty = new Map<ApnsSession, () => void>();
  /** Not by node's own graceful `close`: it never emits the end of a session whose socket just broke. */
  const endIfEmpty = (session: ApnsSession, ended = whenEmpty.get(session)): void => {
    if (session.open > 0) return void (ended && whenEmpty.set(session, ended));
    whenEmpty.delete(session);
    session.h2.destroy();
    ended?.();
  };

  /** Adds capacity if possible: pings an idle session, else connects one more. */
  const strive = (): Promise<void> | undefined => {
    if (effort) return effort;
    const silent = live.find((each) => each.open === 0 && isSilent(each));
    if (!silent && live.length >= max) return undefined;
    const making = silent
      ? ask(silent, drop)
      : connect(origin, options, { gone: drop, roomier: wakeAll }).then((made) => void live.push(made));
    effort = making.finally(() => {
      effort = undefined;
    });
    return effort;
  };

  const turn = (): { come: Promise<void>; leave(): void } => {
    let go = (): void => {};
    const come = new Promise<void>((resolve) => {
      go = resolve;
      waiting.push(go);
    });
    return {
      come,
      leave: () => void (waiting.includes(go) ? waiting.splice(waiting.indexOf(go), 1) : wakeOne()),
    };
  };

  const wait = async (signal: AbortSignal): Promise<ApnsSession> => {
    for (;;) {
      if (closed) throw new Error('the account is closed');
      const session = free();
      if (session) return session;
      const making = strive();
      const { come, leave } = making ? { come: making, leave: () => {} } : turn();
      await inTime(come, signal).catch((error: unknown) => {
        leave();
        throw error;
      });
    }
  };

  return {
    take: (signal) => free() ?? wait(signal),
    giveBack(session) {
      session.open--;
      if (live.includes(session)) wakeOne();
      else endIfEmpty(session);
    },
    retire(session) {
      drop(session);
      endIfEmpty(session);
    },
    async close() {
      closed = true;
      await effort?.catch(() => {});
      const last = live.splice(0);
      wakeAll();
      await Promise.all(last.map((session) => new Promise<void>((ended) => endIfEmpty(session, ended))));
    },
  };
}

/** Events of a session. */
interface Told {
  /** No new streams on it. */
  gone(session: ApnsSession): void;
  /** Its server changed the stream limit: Apple's allows one until it has seen a token. */
  roomier(): void;
}

/** @returns a session whose server has announced its stream limit. */
function connect(
  origin: string,
  { ca, dial, connectTimeoutMs = CONNECT_TIMEOUT_MS }: HttpClientOptions,
  told: Told,
): Promise<ApnsSession> {
  const { hostname, port } = new URL(origin);
  const { host, port: number } = dial ?? { host: hostname, port: Number(port || 443) };
  return new Promise((resolve, reject) => {
    const h2 = connectHttp2(origin, {
      settings: { enablePush: false },
      createConnection: () =>
        connectTls({
          host,
          port: number,
          // The certificate has to be the dialled host's; an IP address is not a server name in TLS.
          servername: isIP(host) ? '' : host,
          ALPNProtocols: ['h2'],
          lookup: reach.lookup,
          ...(ca === undefined ? {} : { ca }),
        }).setNoDelay(true),
    });
    const session: ApnsSession = { h2, open: 0, limit: 1, heardAtMs: 0, lastStreamId: undefined };
    const fail = (error: unknown): void => {
      clearTimeout(timer);
      reject(error);
      h2.destroy();
    };
    const timer = setTimeout(() => fail(withCode('UND_ERR_CONNECT_TIMEOUT')), connectTimeoutMs);
    h2.on('remoteSettings', ({ maxConcurrentStreams = MAX_STREAMS }) => {
      session.limit = Math.min(maxConcurrentStreams, MAX_STREAMS);
      session.heardAtMs = performance.now();
      clearTimeout(timer);
      resolve(session);
      told.roomier();
    });
    h2.on('goaway', (_, lastStreamId) => {
      session.lastStreamId = lastStreamId;
      told.gone(session);
    });
    h2.on('error', fail);
    h2.on('close', () => {
      told.gone(session);
      fail(withCode('ECONNRESET'));
    });
  });
}

/** Checks whether an idle session is alive; a dead one is removed. */
function ask(session: ApnsSession, drop: (session: ApnsSession) => void): Promise<void> {
  return new Promise((resolve) => {
    const done = (isAlive: boolean): void => {
      clearTimeout(timer);
      if (isAlive) {
        session.heardAtMs = performance.now();
      } else {
        drop(session);
        session.h2.destroy();
      }
      resolve();
    };
    const timer = setTimeout(() => done(false), PING_TIMEOUT_MS);
    try {
      session.h2.ping((error) => done(!error));
    } catch {
      done(false);
    }
  });
}

/** The promise, or the error of the deadline. */
function inTime(promise: Promise<void>, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(deadlinePassed(signal));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort));
  });
}

function withCode(code: string): Error {
  return Object.assign(new Error(code), { code });
}
