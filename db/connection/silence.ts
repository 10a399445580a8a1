import type { Socket } from 'node:net';

/**
 * Ends a connection to PostgreSQL that has gone silent. A machine that vanished, a firewall that dropped the connection
 * or a frozen proxy closes nothing: without this a statement waits for the many minutes until TCP gives up, together
 * with everything in its group commit. Once the connection is ended its statements are rejected and the pool opens a
 * new one.
 *
 * The server cancels a statement after `statement_timeout` and reports it; a connection silent for longer has no live
 * server at its other end. An idle connection is ended too: counting bytes cannot distinguish a query sent right behind
 * an answer from none, and an idle connection is quickly opened again.
 */
export function endWhenSilent(socket: Socket, silenceMs: number): void {
  let [read, written, silent, unanswered] = [socket.bytesRead, socket.bytesWritten, 0, false];
  const listen = (): void => {
    const heard = socket.bytesRead !== read;
    const asked = socket.bytesWritten !== written;
    [read, written] = [socket.bytesRead, socket.bytesWritten];
    if (heard) [silent, unanswered] = [0, false];
    // Further queries on top of an unanswered one do not restart the silence.
    else if (asked && !unanswered) [silent, unanswered] = [1, true];
    else silent++;
    if (silent >= STRETCHES) socket.destroy();
  };
  const timer = setInterval(listen, silenceMs / STRETCHES);
  timer.unref();
  socket.once('close', () => clearInterval(timer));
}

/** Silence is counted in intervals, not in time: a stopped process has not read meanwhile. */
const STRETCHES = 8;
