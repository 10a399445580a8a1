import { Worker } from 'node:worker_threads';

/** Threads that read imports. Starting one takes some hundred milliseconds, so one that is free waits for the next. */
export interface ImportThreads {
  take(): Worker;
  /** @param isClean its import has ended: it can read another one. */
  give(worker: Worker, isClean: boolean): Promise<void>;
  close(): Promise<void>;
}

/** Of the thread's data, in MiB. */
const MEMORY_MB = 128;
const IDLE_MS = 60_000;

export function importThreads(program = new URL('./import-thread.ts', import.meta.url)): ImportThreads {
  /** Those that are free, with what ends them. */
  const free = new Map<Worker, NodeJS.Timeout>();
  let isClosed = false;

  const end = async (worker: Worker): Promise<void> => {
    clearTimeout(free.get(worker));
    free.delete(worker);
    await worker.terminate();
  };

  return {
    take: () => {
      const [idle] = free.keys();
      if (idle) {
        clearTimeout(free.get(idle));
        free.delete(idle);
        idle.ref();
        return idle;
      }
      return new Worker(program, {
        name: 'carillon-import',
        execArgv: [],
        resourceLimits: { maxOldGenerationSizeMb: MEMORY_MB, maxYoungGenerationSizeMb: 16 },
      });
    },
    give: async (worker, isClean) => {
      // Not all listeners: Node's own are among them.
      for (const event of ['message', 'error', 'exit']) worker.removeAllListeners(event);
      if (!isClean || isClosed) return end(worker);
      // Whatever ends it now concerns no import.
      worker.on('error', () => free.delete(worker));
      worker.on('exit', () => free.delete(worker));
      worker.unref();
      free.set(worker, setTimeout(() => void end(worker), IDLE_MS).unref());
    },
    close: async () => {
      isClosed = true;
      await Promise.all([...free.keys()].map(end));
    },
  };
}
