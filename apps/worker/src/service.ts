/** Something that works by itself until it is stopped. `stop` resolves when its last turn has ended. */
export interface Service {
  readonly name: string;
  stop(): Promise<void>;
}

/** One duty of maintenance: `runOnce` does what there is to do now, is safe on every node, and is what tests call. */
export interface Duty {
  readonly name: string;
  readonly everyMs: number;
  /** After a turn it rests for so many times as long as the turn took, where that is longer than `everyMs`. */
  readonly restTimes?: number;
  /** Returns how many rows (or keys) it acted on. */
  runOnce(): Promise<number>;
  /** Another node does it from now on: what this one found is no longer its to tell. */
  standDown?(): void;
}

export interface DutyHooks {
  onError(duty: string, error: unknown): void;
  onRun(duty: string, count: number): void;
}

/** Runs a duty again and again, never twice at once; what it throws is told and the next turn comes all the same. */
export function startDuty(duty: Duty, hooks: DutyHooks): Service {
  let stopped = false;
  let wake: () => void = () => {};

  const loop = async (): Promise<void> => {
    while (!stopped) {
      const began = performance.now();
      try {
        hooks.onRun(duty.name, await duty.runOnce());
      } catch (error) {
        hooks.onError(duty.name, error);
      }
      if (stopped) return;
      const restMs = (performance.now() - began) * (duty.restTimes ?? 0);
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
