import { isMainThread } from 'node:worker_threads';

/**
 * Loaded into every child with --import: standard input is a pipe that only the supervisor holds. When it closes, the
 * supervisor has ended for any reason, and an orphaned child would hold ports and data forever.
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
  // Waiting for the end of the parent must not keep an otherwise idle child alive.
  (process.stdin as unknown as { unref?: () => void }).unref?.();
}
