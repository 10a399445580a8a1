import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

/** Only root may change several of them within a tenth of a second. */
const TRY_EVERY_MS = 120;
const TRIES = 20;

/**
 * Makes a process of ours that was just started stand back when processors are short. Two notions of niceness:
 *
 * - its threads': it counts among all processes on macOS, and among those of one session on Linux;
 * - its session's: Linux deals the processors out among sessions first (sched(7), "The autogroup feature"), and each
 *   child has one of its own. Without this a niceness of 10 changed nothing that could be measured.
 *
 * It is a courtesy: where it is refused, the process runs as others do.
 *
 * @param niceness 0 to 19
 */
export async function standBack(pid: number, niceness: number): Promise<void> {
  try {
    // Threads that it makes later inherit this.
    setPriority(pid, niceness);
  } catch {
    // It has ended, or may not be changed.
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
