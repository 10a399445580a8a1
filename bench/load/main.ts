import { closedLoad } from './closed.ts';
import type { LoadJob } from './job.ts';
import { steadyLoad } from './steady.ts';

/** The load generator as a process: takes a job from its parent, runs it, answers with the result and ends. */
const stopped = new AbortController();

process.on('message', (message: LoadJob | 'stop') => {
  if (message === 'stop') return stopped.abort();
  const { pattern } = message;
  const running =
    pattern.kind === 'closed' ? closedLoad(message, pattern) : steadyLoad(message, pattern, stopped.signal);
  running.then(
    (tally) => process.send!(tally.result(), undefined, undefined, () => process.exit(0)),
    (error: Error) => {
      console.error(`load generator: ${error.stack}`);
      process.exit(1);
    },
  );
});
// The parent process has ended.
process.on('disconnect', () => process.exit(1));
