import type { Socket } from 'node:net';

/**
 * Ends a connection to PostgreSQL that has gone silent. A machine that vanished, a firewall that forgot the connection
 * or a frozen proxy closes nothing: without this a statement waits for the many minutes in which TCP gives up, and
 * with it whatever shares its group commit. Once the connection is ended its statements are rejected and the pool
 * opens a new one.
 *
 * The server cancels a statement after `statement_timeout` and says so; a connection that says nothing for longer has
 * nobody at its other end. One on which nothing was asked is ended too: a question asked right behind an answer cannot
 * be told from none by counting bytes, and an idle connection is quickly opened again.
 */
export function endWhenSilent(socket: Socket, silenceMs: number): void {
  let [read, written, silent, unanswered] = [socket.bytesRead, socket.bytesWritten, 0, false];
  const listen = (): void => {
    const heard = socket.bytesRead !== read;
    const asked = socket.bytesWritten !== written;
    [read, written] = [socket.bytesRead, socket.bytesWritten];
    if (heard) [silent, unanswered] = [0, false];
    // More questions on top of an unanswered one do not make the silence younger.
    else if (asked && !unanswered) [silent, unanswered] = [1, true];
    else silent++;
    if (silent >= STRETCHES) socket.destroy();
  };
  const timer = setInterval(listen, silenceMs / STRETCHES);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

/** Silence is counted in stretches, not in time: a process that was stopped has not listened meanwhile. */
const STRETCHES = 8;
