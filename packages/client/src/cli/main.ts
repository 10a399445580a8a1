import { environment } from './config.ts';
import { runCli } from './run-cli.ts';
import { writers } from './terminal.ts';

/** The process around `runCli`: bin/carillon.mjs imports this. */
const interrupted = new AbortController();
process.once('SIGINT', () => interrupted.abort());
process.once('SIGTERM', () => interrupted.abort());

/** `carillon tail | head` ends when head has enough. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  throw error;
});

process.exitCode = await runCli(process.argv.slice(2), {
  ...writers({ out: (text) => process.stdout.write(text), err: (text) => process.stderr.write(text) }),
  ...(process.stderr.isTTY ? { draw: (text) => process.stderr.write(`\r\u001b[2K${text ?? ''}`) } : {}),
  stdin: process.stdin,
  isInteractive: process.stdin.isTTY === true,
  signal: interrupted.signal,
  env: environment(),
  cwd: process.cwd(),
});
