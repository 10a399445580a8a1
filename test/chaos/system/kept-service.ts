import { type Running, Supervised } from '@carillon/local/supervised';
import { until } from '../../support/until.ts';

/** A process of the system under test: restarted when it ends, as `npm start` does, unless it is held down. */
export interface KeptService {
  readonly name: string;
  pid(): number;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Sends a signal to the current process. @returns the pid it went to */
  signal(signal: NodeJS.Signals): number;
  /** From now on it is not started again until the returned function is called. */
  hold(): () => void;
  /** Resolves when it runs and is not the process with this pid. */
  isBack(notPid: number): Promise<void>;
}

export function keptService(
  name: string,
  begin: () => Promise<Running>,
  say: (line: string) => void,
): KeptService {
  let gate: Promise<void> = Promise.resolve();
  const supervised = new Supervised(
    name,
    async () => {
      await gate;
      return begin();
    },
    say,
    () => {},
  );
  const pid = (): number => supervised.pid ?? 0;
  return {
    name,
    pid,
    start: () => supervised.start(),
    stop: () => supervised.stop(),
    signal(signal) {
      const current = pid();
      if (current > 0) kill(current, signal);
      return current;
    },
    hold() {
      let open: () => void = () => {};
      gate = new Promise((resolve) => {
        open = resolve;
      });
      return open;
    },
    isBack: async (notPid) => {
      await until(`${name} to be back`, () => pid() !== 0 && pid() !== notPid, {
        timeoutMs: 120_000,
        everyMs: 50,
      });
    },
  };
}

/** It may have ended a moment ago; then there is nothing left to signal. */
function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
