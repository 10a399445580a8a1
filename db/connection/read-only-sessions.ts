import type { Socket } from 'node:net';
import { serverMessages } from './server-messages.ts';

/**
 * Ends sessions that cannot write, so that the pool opens new ones. After a failover that keeps old connections open,
 * or while a host has made a full server read-only, a session answers 25006 to every write and never recovers, though a
 * new one would write.
 *
 * The state of a session is read from the wire: an error with SQLSTATE 25006, or the report that it has become
 * read-only (`default_transaction_read_only`, `in_hot_standby`), which also finds sessions that only read, perhaps from
 * an old primary. One is enough: all sessions that were open by then are ended, each when its statement is over. Where
 * new ones cannot write either, the server is read-only: reads go on, and the sessions are renewed less and less often.
 */
export interface ReadOnlySessions {
  /** Watches a session from its first byte on. */
  watch(socket: Socket): void;
  /** Sessions with a statement or a transaction in progress. */
  busy(): number;
}

/** Before sessions that did not help are ended again. */
const FIRST_PAUSE_MS = 1000;
const LONGEST_PAUSE_MS = 5000;

const ERROR = 'E'.charCodeAt(0);
const PARAMETER = 'S'.charCodeAt(0);
const READY = 'Z'.charCodeAt(0);
const WANTED = new Set([ERROR, PARAMETER, READY]);

interface Session {
  socket: Socket;
  openedAt: number;
  /** It has started: later reports are changes. */
  isOpen: boolean;
  /** It waits for a statement, outside of a transaction. */
  isIdle: boolean;
  /** Bytes sent when it last became idle: if there are more, a statement is in flight. */
  sentWhenIdle: number;
  isOver: boolean;
}

export function readOnlySessions(now: () => number = () => performance.now()): ReadOnlySessions {
  const sessions = new Set<Session>();
  let endedAt = Number.NEGATIVE_INFINITY;
  let pauseMs = 0;
  let planned: NodeJS.Timeout | undefined;

  const endAll = (): void => {
    planned = undefined;
    endedAt = now();
    for (const session of sessions) {
      session.isOver = true;
      if (session.isOpen && !isBusy(session)) session.socket.destroy();
    }
  };

  const cannotWrite = ({ openedAt, isOver }: Session): void => {
    if (planned || isOver) return;
    const isNew = openedAt > endedAt;
    pauseMs = isNew && endedAt > 0 ? Math.min(Math.max(pauseMs * 2, FIRST_PAUSE_MS), LONGEST_PAUSE_MS) : 0;
    const restMs = endedAt + pauseMs - now();
    if (restMs <= 0) endAll();
    else planned = setTimeout(endAll, restMs).unref();
  };

  const take = (session: Session, type: number, body: Buffer): void => {
    if (type === READY) {
      session.isOpen = true;
      // Otherwise it is in a transaction.
      session.isIdle = body[0] === IDLE;
      session.sentWhenIdle = session.socket.bytesWritten;
      if (session.isOver) session.socket.destroy();
    } else {
      session.isIdle = false;
      if (type === ERROR ? codeOf(body) === '25006' : session.isOpen && becameReadOnly(body))
        cannotWrite(session);
    }
  };

  return {
    busy: () => [...sessions].filter(isBusy).length,
    watch(socket) {
      const state = { isOpen: false, isIdle: false, sentWhenIdle: 0, isOver: false };
      const session: Session = { socket, openedAt: now(), ...state };
      sessions.add(session);
      socket.on(
        'data',
        serverMessages(WANTED, (type, body) => take(session, type, body)),
      );
      socket.once('close', () => sessions.delete(session));
    },
  };
}

/** A session that is still opening is not. */
function isBusy({ isOpen, isIdle, socket, sentWhenIdle }: Session): boolean {
  return isOpen && !(isIdle && socket.bytesWritten === sentWhenIdle);
}

const IDLE = 'I'.charCodeAt(0);

/** The fields of an error are a letter and a text each, with a NUL behind it; `C` is the SQLSTATE. */
function codeOf(body: Buffer): string | undefined {
  return body
    .toString('latin1')
    .split('\0')
    .find((field) => field.startsWith('C'))
    ?.slice(1);
}

function becameReadOnly(body: Buffer): boolean {
  const [name, value] = body.toString('latin1').split('\0');
  return (name === 'default_transaction_read_only' || name === 'in_hot_standby') && value === 'on';
}
