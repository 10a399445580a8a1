import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Only root may change several of them within 0.1 s. */
const TRY_EVERY_MS = 120;
const TRIES = 20;

/**
 * Lowers the CPU priority of a child process that was just started. There are two kinds of niceness:
 *
 * - per thread: it applies among all processes on macOS, and within one session on Linux;
 * - per session: Linux first divides CPU time among sessions (sched(7), "The autogroup feature"), and each child has
 *   its own session. Without this a niceness of 10 changed nothing that could be measured.
 *
 * This is best effort: where it is refused, the process runs at normal priority.
 *
 * @param niceness 0 to 19
 */
export async function lowerCpuPriority(pid: number, niceness: number): Promise<void> {
  try {
    // Threads created later inherit this.
    setPriority(pid, niceness);
  } catch {
    // The process has ended, or its priority may not be changed.
  }
  const session = `/proc/${pid}/autogroup`;
  for (let tries = 0; tries < TRIES && existsSync(session); tries++) {
    try {
      return writeFileSync(session, String(niceness));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') return;
      await pause(TRY_EVERY_MS, undefined, { ref: false });
    }
  }
}
