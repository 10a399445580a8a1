import { type ChildProcess, fork } from 'node:child_process';
import path from 'node:path';
import type { StreamsAnswer, StreamsOrder } from './order.ts';

/** The clients of many streams, in a process of their own. */
export interface StreamClients {
  open(url: string, tokens: readonly string[]): Promise<void>;
  close(): Promise<void>;
  /** What came since the last call. */
  arrivals(): Promise<StreamsAnswer['arrivals']>;
  stop(): void;
}

export function startStreamClients(): StreamClients {
  const child: ChildProcess = fork(path.join(import.meta.dirname, 'main.ts'), {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ask = (order: StreamsOrder): Promise<StreamsAnswer> =>
    new Promise((resolve, reject) => {
      const died = (code: number | null) => reject(new Error(`the clients of streams ended with ${code}`));
      child.once('exit', died);
      child.once('message', (answer) => {
        child.off('exit', died);
        resolve(answer as StreamsAnswer);
      });
      child.send(order);
    });
  return {
    open: async (url, tokens) => void (await ask({ do: 'open', url, tokens })),
    close: async () => void (await ask({ do: 'close' })),
    arrivals: async () => (await ask({ do: 'report' })).arrivals,
    stop: () => child.disconnect(),
  };
}
