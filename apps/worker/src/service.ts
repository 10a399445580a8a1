/** Something that runs on its own until it is stopped. `stop` resolves when its last turn has ended. */
export interface Service {
  readonly name: string;
  stop(): Promise<void>;
}

/** One duty of maintenance: `runOnce` does what is due now, is safe on every node, and is what tests call. */
export interface Duty {
  readonly name: string;
  readonly everyMs: number;
  /** After a turn it rests for this many times as long as the turn took, where that is longer than `everyMs`. */
  readonly restTimes?: number;
  /** Returns how many rows (or keys) it acted on. */
  runOnce(): Promise<number>;
  /** Another node runs it from now on: this one stops reporting its results. */
  standDown?(): void;
}

export interface DutyHooks {
  onError(duty: string, error: unknown): void;
  onRun(duty: string, count: number): void;
}

/** The longest rest after a turn that failed, if `everyMs` is not longer. */
const FAILED_REST_MS = 10_000;

/** Runs a duty repeatedly, never twice at once; an exception is logged and the next turn runs all the same. */
export function startDuty(duty: Duty, hooks: DutyHooks): Service {
  let stopped = false;
  let wake: () => void = () => {};

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now();
      let longestRestMs = Number.POSITIVE_INFINITY;
      try {
        hooks.onRun(duty.name, await duty.runOnce());
      } catch (error) {
        // It has waited for something and not worked.
        longestRestMs = FAILED_REST_MS;
        hooks.onError(duty.name, error);
      }
      if (stopped) return;
      const restMs = Math.min((performance.now() - began) * (duty.restTimes ?? 0), longestRestMs);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, Math.max(duty.everyMs, restMs));
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  };

  const running = loop();
  return {
    name: duty.name,
    stop: () => {
      stopped = true;
      wake();
      return running;
    },
  };
}
