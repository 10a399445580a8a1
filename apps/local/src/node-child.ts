import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { lowerCpuPriority } from './cpu-priority.ts';
import { FAST_START } from './fast-start.ts';
import type { Running } from './supervised.ts';

export interface NodeChild {
  /** Relative to the root of the checkout. */
  script: string;
  env: Record<string, string>;
  /** Answers 200 once the child is ready for work. */
  readyUrl: string;
  logFile: string;
  /** Niceness from 0, the default, to 19. */
  niceness?: number;
}

const ROOT = path.join(import.meta.dirname, '../../..');
const END_WITH_PARENT = pathToFileURL(path.join(import.meta.dirname, 'end-with-parent.ts')).href;
const READY_TIMEOUT_MS = 60_000;
/** Longer than a worker drains (WORKER_DRAIN_SECONDS): a running provider call may finish. */
const STOP_TIMEOUT_MS = 25_000;

/** Starts a program of this repository and resolves when it answers. Throws with the end of its log if it does not. */
export async function startNodeChild({
  script,
  env,
  readyUrl,
  logFile,
  niceness = 0,
}: NodeChild): Promise<Running> {
  const log = openSync(logFile, 'a', 0o600);
  const args = [...FAST_START.args, '--import', END_WITH_PARENT, path.join(ROOT, script)];
  const child = spawn(process.execPath, args, {
    cwd: ROOT,
    // Nothing else of the environment: a child must not depend on a variable that only this shell has.
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', ...FAST_START.env, ...env },
    stdio: ['pipe', log, log],
    // A separate process group, so that Ctrl-C reaches only the supervisor, which stops everything in order.
    detached: true,
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
    child.once('error', () => resolve());
  });
  const stop = async () => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
    await ended;
    clearTimeout(late);
  };
  if (!(await becomesReady(child, readyUrl))) {
    await stop();
    throw new Error(`${script} did not answer at ${readyUrl}. The end of ${logFile}:\n${tail(logFile)}`);
  }
  // Only after the start: at low priority it would hardly start on a busy machine.
  if (niceness > 0) void lowerCpuPriority(child.pid!, niceness);
  return { pid: child.pid!, ended, stop };
}

async function becomesReady(child: ChildProcess, url: string): Promise<boolean> {
  const deadline = Date.now() + READY_TIMEOUT_MS;
  while (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
    if (Date.now() > deadline) return false;
    try {
      const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
      await answer.body?.cancel();
      if (answer.ok) return true;
    } catch {
      // Not listening yet.
    }
    await pause(50);
  }
  return false;
}

function tail(file: string): string {
  return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
}
