import { fork } from 'node:child_process';
import path from 'node:path';
import type { LoadJob, LoadResult } from './job.ts';

const MAIN = path.join(import.meta.dirname, 'main.ts');

export interface RunningLoad {
  result: Promise<LoadResult>;
  /** Ends steady load after the requests in flight. */
  stop(): void;
}

/** Runs a job in a process of its own, so that the generator's work is not done by what it measures. */
export function startLoad(job: LoadJob, timeoutMs: number): RunningLoad {
  const child = fork(MAIN, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const result = new Promise<LoadResult>((resolve, reject) => {
    const late = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`the load on ${job.url} did not end within ${timeoutMs / 1000} s`));
    }, timeoutMs);
    child.once('message', (message) => {
      clearTimeout(late);
      resolve(message as LoadResult);
    });
    child.once('exit', (code) => {
      clearTimeout(late);
      reject(new Error(`the load generator ended with ${code} before it had a result`));
    });
  });
  // Steady load may fail long before its result is awaited.
  result.catch(() => {});
  child.send(job);
  return { result, stop: () => child.connected && child.send('stop') };
}

/** Runs a job to its end. @throws when a message was refused: figures of refusals are worth nothing */
export async function runLoad(job: LoadJob, timeoutMs: number): Promise<LoadResult> {
  const result = await startLoad(job, timeoutMs).result;
  if (result.refused > 0) {
    throw new Error(
      `${result.refused} messages were refused by ${job.url}, the first: ${result.firstRefusal}`,
    );
  }
  return result;
}
