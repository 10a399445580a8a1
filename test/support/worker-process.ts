import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Priority } from '@carillon/core/notification/priority';
import { FAST_START } from '@carillon/local/fast-start';
import { rolesInsteadOf } from '@carillon/worker/roles';
import type { LaneBundle } from './lanes.ts';
import { until } from './until.ts';

const MAIN = path.join(import.meta.dirname, '../../apps/worker/src/main.ts');

/** A worker as it runs in production, a process of its own, on the test's PostgreSQL and Redis. */
export interface WorkerProcess {
  /** What it has logged so far. */
  output(): string;
  signal(name: NodeJS.Signals): void;
  /** What it exited with; null if a signal ended it. */
  exit: Promise<number | null>;
  /** SIGTERM; waits until it is gone. */
  stop(): Promise<void>;
}

/**
 * Starts one and waits until it is up.
 *
 * @param accounts provider accounts, as they stand in PROVIDERS_FILE.
 * @param env settings that differ.
 */
export async function workerProcess(
  { databaseUrl, redisUrl, namespace }: Pick<LaneBundle, 'databaseUrl' | 'redisUrl' | 'namespace'>,
  accounts: readonly object[],
  priorities: readonly Priority[],
  env: Readonly<Record<string, string>> = {},
): Promise<WorkerProcess> {
  const dir = mkdtempSync(path.join(tmpdir(), 'carillon-worker-'));
  const providersFile = path.join(dir, 'providers.json');
  writeFileSync(providersFile, JSON.stringify(accounts));
  const child = spawn(process.execPath, [...FAST_START.args, MAIN], {
    env: {
      PATH: process.env.PATH,
      ...FAST_START.env,
      NODE_ENV: 'test',
      DATABASE_URL: databaseUrl,
      REDIS_URL: redisUrl,
      NAMESPACE: namespace,
      WORKER_PORT: '0',
      WORKER_ROLES: rolesInsteadOf(priorities.join(), undefined),
      PROVIDERS_FILE: providersFile,
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk) => (output += chunk));
  child.stderr.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'exit');
  const exit = ended.then(([code]) => code as number | null);
  const stop = async (): Promise<void> => {
    // A stopped one could not end.
    child.kill('SIGCONT');
    child.kill('SIGTERM');
    const last = setTimeout(() => child.kill('SIGKILL'), 15_000);
    await ended;
    clearTimeout(last);
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const isUp = () => output.includes('worker is up');
    await until('a worker to come up', () => isUp() || child.exitCode !== null, { timeoutMs: 60_000 });
    if (!isUp()) throw new Error(`the worker ended with ${child.exitCode}: ${output}`);
  } catch (error) {
    await stop();
    throw error;
  }
  return { output: () => output, signal: (name) => void child.kill(name), exit, stop };
}
