import type { Log } from './log.ts';

/**
 * Ends the process with 1 at an uncaught exception or an unhandled rejection, as Node does, but with a line in the log:
 * what Node prints has the message and every property of the error, and so perhaps an address or a body.
 */
export function endOnUncaught(log: Log): void {
  process.on('uncaughtException', (error, origin) => {
    if (origin === 'unhandledRejection') log.error('unhandled rejection: the program ends', { error });
    else log.error('uncaught exception: the program ends', { error });
    log.flush();
    process.exit(1);
  });
}
