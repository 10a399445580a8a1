import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { FAST_START } from '@carillon/local/fast-start';
import { until } from './until.ts';

const MAIN = path.join(import.meta.dirname, '../../apps/api/src/main.ts');

/** An API as it runs in production, a process of its own. The caller that starts one ends it. */
export interface ApiProcess {
  child: ChildProcess;
  /** What it has logged so far. */
  output(): string;
  exit: Promise<number>;
  /** Its address, as soon as it listens. */
  listens(): Promise<string>;
}

/** @param env all of its settings. */
export function apiProcess(env: Readonly<Record<string, string>>): ApiProcess {
  const child = spawn(process.execPath, [...FAST_START.args, MAIN], {
    env: { PATH: process.env.PATH, ...FAST_START.env, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  return {
    child,
    output: () => output,
    exit: once(child, 'exit').then(([code]) => code as number),
    listens: () =>
      until('the API to listen', () => /"url":"([^"]+)"/.exec(output)?.[1], { timeoutMs: 90_000 }),
  };
}
