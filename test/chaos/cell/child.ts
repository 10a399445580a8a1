import { spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { deadManSwitch } from '@carillon/local/dead-man-switch';
import { FAST_START } from '@carillon/local/fast-start';

/** A process of a cell. It ends with its parent, however that ends. */
export interface Child {
  pid: number;
  /** How it ended: by which signal, or with which code. */
  ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  signal(signal: NodeJS.Signals): void;
  /** SIGTERM, and SIGKILL when it takes too long. */
  stop(): Promise<void>;
}

const ROOT = path.join(import.meta.dirname, '../../..');
const END_WITH_PARENT = pathToFileURL(path.join(ROOT, 'apps/local/src/end-with-parent.ts')).href;
const STOP_TIMEOUT_MS = 3_000;

/** @param script from the top of the checkout, and its arguments */
export function startChild(
  [script, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  logFile: string,
  root: string = ROOT,
): Child {
  const log = openSync(logFile, 'a', 0o600);
  const nodeArgs = [...FAST_START.args, '--import', END_WITH_PARENT, path.join(root, script)];
  const child = spawn(process.execPath, [...nodeArgs, ...args], {
    cwd: root,
    env: { PATH: '/usr/bin:/bin', TZ: 'UTC', ...FAST_START.env, ...env },
    stdio: ['pipe', log, log],
    detached: true,
  });
  closeSync(log);
  child.stdin?.on('error', () => {});
  const ended: Child['ended'] = new Promise((resolve) => {
    child.once('exit', (code, signal) => resolve({ code, signal }));
    child.once('error', () => resolve({ code: 1, signal: null }));
  });
  // A stopped one cannot notice that its parent has ended.
  if (child.pid) ended.then(deadManSwitch('kill -CONT "$0"', String(child.pid)));
  return {
    pid: child.pid ?? 0,
    ended,
    signal: (signal) => void child.kill(signal),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
      await ended;
      clearTimeout(late);
    },
  };
}
