import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into every child with --import: our standard input is a pipe that only the supervisor holds. When it closes,
 * the supervisor is gone, however it went, and a child without one would hold ports and data for ever.
 */
const GRACE_MS = 8_000;

if (isMainThread) {
  let leaving = false;
  const leave = () => {
    if (leaving) return;
    leaving = true;
    setTimeout(() => process.exit(1), GRACE_MS).unref();
    process.kill(process.pid, 'SIGTERM');
  };
  for (const event of ['end', 'close', 'error']) process.stdin.on(event, leave);
  process.stdin.resume();
  // Waiting for the parent to die must not keep a child alive that has nothing else to do.
  (process.stdin as unknown as { unref?: () => void }).unref?.();
}
