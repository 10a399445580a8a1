import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

/** Inspects and ends processes by pid, and verifies that a recorded pid still belongs to the same process. */

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
  // A zombie answers signal 0 but no longer runs; only its parent can reap it.
  try {
    return !/^\d+ \(.*\) Z/s.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return true;
  }
}

/** The command line of a process, or '' when it has ended. */
export function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
  } catch {
    // No /proc (macOS), or the process has just ended.
  }
  try {
    return execFileSync('ps', ['-p', String(pid), '-o', 'command='], {
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  } catch {
    return '';
  }
}

/** Whether the process runs and its command line contains the given text: pids are reused. */
export function isProcessOf(pid: number, text: string): boolean {
  return isAlive(pid) && commandLine(pid).includes(text);
}

/** Waits until the process has ended; false if it still runs after the deadline. */
export async function waitForEnd(pid: number, deadlineMs: number): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (isAlive(pid)) {
    if (Date.now() > deadline) return false;
    await pause(20);
  }
  return true;
}

/** Sends the given signal to a process, and SIGKILL if it has not ended by the deadline. */
export async function endProcess(pid: number, signal: NodeJS.Signals, deadlineMs: number): Promise<void> {
  for (const each of [signal, 'SIGKILL'] as const) {
    try {
      process.kill(pid, each);
    } catch {
      return;
    }
    if (await waitForEnd(pid, deadlineMs)) return;
  }
}

/** Identifies a process, as distinct from a later one with the same pid. */
export interface Identity {
  pid: number;
  /** Its start time, in the system's format. */
  born: string;
}

/** The process that has this pid now; null when there is none. */
export function identify(pid: number): Identity | null {
  if (!isAlive(pid)) return null;
  try {
    // The 22nd field, counted after the name, which may contain anything: ticks since boot.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return { pid, born: stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? '' };
  } catch {
    // No /proc (macOS), or the process has just ended.
  }
  try {
    const born = execFileSync('ps', ['-p', String(pid), '-o', 'lstart='], {
      encoding: 'utf8',
      stdio: 'pipe',
    });
    return { pid, born: born.trim() };
  } catch {
    return null;
  }
}

export function isStill(identity: Identity): boolean {
  return identify(identity.pid)?.born === identity.born;
}
