import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { FAST_START } from '@carillon/local/fast-start';
import { until } from './until.ts';

const ROOT = path.join(import.meta.dirname, '../..');

/** A program of the system as a process of its own, as it runs in production. */
export interface Program {
  /** What it has written so far, of both streams. */
  output(): string;
  /** What it exited with; null if a signal ended it. */
  exit: Promise<number | null>;
  /** Waits for what the pattern finds in its output. @returns the first group, or all of it */
  says(pattern: RegExp): Promise<string>;
  /** SIGTERM, and SIGKILL when it takes too long. */
  stop(): Promise<void>;
}

/**
 * @param script from the top of the checkout.
 * @param env all of its environment, but for PATH and NODE_ENV=test.
 */
export function startProgram(script: string, env: Readonly<Record<string, string>>): Program {
  const child = spawn(process.execPath, [...FAST_START.args, path.join(ROOT, script)], {
    env: { PATH: process.env.PATH, ...FAST_START.env, NODE_ENV: 'test', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close');
  return {
    output: () => output,
    exit: ended.then(([code]) => code as number | null),
    says: (pattern) =>
      until(
        `${script} to say ${pattern}`,
        () => {
          const found = pattern.exec(output);
          if (!found && child.exitCode !== null) throw new Error(`${script} ended: ${output}`);
          return found && (found[1] ?? found[0]);
        },
        { timeoutMs: 120_000 },
      ),
    async stop() {
      child.kill('SIGTERM');
      const late = setTimeout(() => child.kill('SIGKILL'), 15_000);
      await ended;
      clearTimeout(late);
    },
  };
}
