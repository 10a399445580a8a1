import type { Socket } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';

/**
 * Works around faults of postgres.js 3.4.9 after a broken connection, from the socket's side:
 *
 * - Between a socket's `error` and its `close` it still gives the connection statements, and those never end. So both
 *   are emitted together, and `close` as one without an error, which makes the library reject the remaining statements.
 * - A statement that was buffered when the connection closed leaves its bytes and a spent timer behind: the next
 *   connection is never written to, until enough bytes have gathered to be written at once, garbage first. So a socket
 *   that is not written to is ended at once (the library then retries automatically), and of a first write only the
 *   message that is valid there is passed on.
 *
 * https://github.com/porsager/postgres/issues/1154, /1208 and pull requests /1142, /1209 (open in November 2026).
 * `transactions.ts` has the third workaround.
 *
 * @param cause why the socket is broken from the beginning.
 */
export function cureOf(socket: Socket, cause?: Error): Socket {
  tellTogether(socket, cause);
  beginClean(socket);
  return socket;
}

function tellTogether(socket: Socket, cause?: Error): void {
  const emit = socket.emit.bind(socket) as (event: string | symbol, ...told: unknown[]) => boolean;
  let broken: unknown[] | undefined = cause && [cause];
  socket.emit = (event: string | symbol, ...told: unknown[]): boolean => {
    if (event === 'error') {
      broken ??= told;
      return true;
    }
    if (event !== 'close') return emit(event, ...told);
    if (broken && socket.listenerCount('error') > 0) emit('error', ...broken);
    return emit('close', false);
  };
}

function beginClean(socket: Socket): void {
  const write = socket.write;
  let begun = false;
  socket.write = ((chunk: Buffer, ...rest: []) => {
    socket.write = write;
    begun = true;
    return write.call(socket, firstMessage(chunk), ...rest);
  }) as Socket['write'];
  void writtenTo().then((isWritten) => isWritten || socket.destroy());

  /** The library writes in the turn after the one in which it gets its socket. */
  async function writtenTo(): Promise<boolean> {
    for (let turn = 0; turn < 3 && !begun; turn++) await nextTurn();
    return begun;
  }
}

const STARTUP_VERSION = 196_608;
const CANCEL = 80_877_102;

/** The message a connection begins with, at the end of what was written: a request to cancel, or the start-up. */
function firstMessage(chunk: Buffer): Buffer {
  for (let at = chunk.length - 8; at >= 0; at--) {
    const code = chunk.readInt32BE(at + 4);
    const ends = chunk.readInt32BE(at) === chunk.length - at;
    if (ends && (code === STARTUP_VERSION || code === CANCEL)) return chunk.subarray(at);
  }
  return chunk;
}
