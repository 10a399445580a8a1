import { Worker } from 'node:worker_threads';
import { OwnError } from '../../program/own-error.ts';
import { fairQueue } from './fair-queue.ts';
import { WORK_LIMIT } from './limits.ts';
import type { Job, Result } from './render-thread.ts';

/**
 * Threads for template work that would block the shared thread. Started when they are first needed. Apps take turns;
 * the waiting work is bounded, so that heavy messages do not displace light ones.
 */
export interface RenderPool {
  /**
   * @param appId the app whose turn it uses.
   * @param work expected units, which count against the bounds.
   * @throws PoolBusy if too much waits already, JobFailed if the job ended its thread (memory, time), or any other
   *   error if the pool does not work now.
   */
  run<J extends Job>(appId: string, job: J, work: number): Promise<Result<J>>;
  /** Ends the threads. Waiting jobs are rejected. */
  close(): Promise<void>;
}

/** Try again later: nothing is wrong with the job. */
export class PoolBusy extends OwnError {
  readonly retryInMs: number;

  constructor(message: string, retryInMs: number) {
    super(message);
    this.retryInMs = retryInMs;
  }
}

/** This job cannot be executed: it would end its thread again. */
export class JobFailed extends Error {}

export interface RenderPoolOptions {
  threads?: number;
  /** Units that may wait: of one app, of all. */
  waiting?: { ofParty: number; ofAll: number };
  /** Memory of one thread's data, in MiB. */
  memoryMb?: number;
  /** Longest time for one job. A watchdog for endless work that neither count nor clock of a template ends. */
  patienceMs?: number;
  /** The thread's program, for tests. */
  program?: URL;
}

const THREADS = 1;
/** About 0.4 s of one app's work, and 1.6 s of all. */
const WAITING = { ofParty: 2 * WORK_LIMIT, ofAll: 8 * WORK_LIMIT };
const MEMORY_MB = 256;
const PATIENCE_MS = 10_000;
const BUSY_MS = 1_000;
const MAX_BUSY_MS = 15_000;

interface Waiting {
  job: Job;
  resolve(result: never): void;
  reject(error: Error): void;
}
interface Thread {
  worker: Worker;
  isReady: boolean;
  current: Waiting | null;
  /** Checks of the watchdog since the job began. A stopped process makes none. */
  looks: number;
}

export function createRenderPool({
  threads: most = THREADS,
  waiting: bounds = WAITING,
  memoryMb = MEMORY_MB,
  patienceMs = PATIENCE_MS,
  program = new URL('./render-thread.ts', import.meta.url),
}: RenderPoolOptions = {}): RenderPool {
  const queue = fairQueue<Waiting>(bounds);
  const threads = new Set<Thread>();
  /** Refused since the queue was empty: their retries should be spread out. */
  let refused = 0;
  let closed = false;
  let watchdog: NodeJS.Timeout | undefined;

  const start = (): Thread => {
    const worker = new Worker(program, {
      name: 'carillon-render',
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 32 },
    });
    const thread: Thread = { worker, isReady: false, current: null, looks: 0 };
    threads.add(thread);
    worker.on('message', (result: unknown) => {
      if (result === 'ready') {
        thread.isReady = true;
        if (thread.current) worker.postMessage(thread.current.job);
        return;
      }
      const done = thread.current;
      thread.current = null;
      done?.resolve(result as never);
      serve();
    });
    const ended = (reason: string): void => {
      if (!threads.delete(thread)) return;
      const lost = thread.current;
      thread.current = null;
      // A thread that never started says nothing about the job.
      lost?.reject(thread.isReady && !closed ? new JobFailed(reason) : new Error(`render thread: ${reason}`));
      serve();
    };
    worker.on('error', (error) => ended(reasonOf(error)));
    worker.on('exit', () =>
      ended(thread.looks > LOOKS ? 'it takes longer than a template may' : 'its thread ended'),
    );
    return thread;
  };

  const serve = (): void => {
    while (!closed && queue.size > 0) {
      const idle = [...threads].find(({ current }) => current === null);
      if (idle === undefined && threads.size >= most) break;
      const thread = idle ?? start();
      const next = queue.shift()!;
      thread.current = next;
      thread.looks = 0;
      thread.worker.ref();
      // Sent only to a started thread: an end before that is not caused by the job, and nothing else distinguishes the
      // two.
      if (thread.isReady) thread.worker.postMessage(next.job);
    }
    if (queue.size === 0) refused = 0;
    // An idle thread keeps no process alive.
    for (const { current, worker } of threads) if (current === null) worker.unref();
    watch();
  };

  const watch = (): void => {
    const isBusy = [...threads].some(({ current }) => current !== null);
    if (!isBusy) {
      clearInterval(watchdog);
      watchdog = undefined;
    } else watchdog ??= setInterval(look, patienceMs / LOOKS);
  };

  const look = (): void => {
    for (const thread of threads) {
      if (thread.current === null || !thread.isReady) continue;
      thread.looks += 1;
      if (thread.looks > LOOKS) void thread.worker.terminate();
    }
  };

  return {
    run: <J extends Job>(appId: string, job: J, work: number) =>
      new Promise<Result<J>>((resolve, reject) => {
        if (closed) {
          reject(new PoolBusy('the process stops', 0));
          return;
        }
        if (!queue.push(appId, { job, resolve, reject }, Math.max(1, work))) {
          refused += 1;
          const spread = Math.min(MAX_BUSY_MS, BUSY_MS + refused * MS_PER_REFUSED) * (0.5 + Math.random());
          reject(new PoolBusy('heavy templates wait for each other', Math.ceil(spread)));
          return;
        }
        serve();
      }),
    close: async () => {
      closed = true;
      clearInterval(watchdog);
      for (const { reject } of queue.drain()) reject(new PoolBusy('the process stops', 0));
      await Promise.all([...threads].map(({ worker }) => worker.terminate()));
    },
  };
}

const LOOKS = 10;
/** A heavy job takes about this long, so the last of many finds room at its retry. */
const MS_PER_REFUSED = 50;

function reasonOf(error: unknown): string {
  const { code } = error as { code?: string };
  if (code === 'ERR_WORKER_OUT_OF_MEMORY') return 'it takes more memory than a template may';
  return error instanceof Error ? error.message : String(error);
}
