import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { standBack } from './stand-back.ts';
import type { Running } from './supervised.ts';

export interface NodeChild {
  /** From the top of the checkout. */
  script: string;
  env: Record<string, string>;
  /** Answers 200 once the child is ready for work. */
  readyUrl: string;
  logFile: string;
  /** 0, the default, to 19: how far it stands back when processors are short. */
  niceness?: number;
}

const ROOT = path.join(import.meta.dirname, '../..');
const END_WITH_PARENT = pathToFileURL(path.join(import.meta.dirname, 'end-with-parent.ts')).href;
const READY_TIMEOUT_MS = 60_000;
/** Longer than a worker drains (WORKER_DRAIN_SECONDS): a provider call that is under way may finish. */
const STOP_TIMEOUT_MS = 25_000;

/** Starts one of our programs and resolves when it answers. Throws with the end of its log if it does not. */
export async function startNodeChild({
  script,
  env,
  readyUrl,
  logFile,
  niceness = 0,
}: NodeChild): Promise<Running> {
  const log = openSync(logFile, 'a', 0o600);
  const child = spawn(process.execPath, ['--import', END_WITH_PARENT, path.join(ROOT, script)], {
    cwd: ROOT,
    // Nothing else of our environment: a child must not come to depend on a variable that only this shell has.
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', ...env },
    stdio: ['pipe', log, log],
    // A group of its own, so that Ctrl-C in the terminal reaches only the supervisor, which ends things in order.
    detached: true,
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  if (niceness > 0 && child.pid !== undefined) void standBack(child.pid, niceness);
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
