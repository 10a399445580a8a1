/**
 * Memory that many deliveries share: who does not fit waits, in turn, so that a large one is not passed for ever by small
 * ones. What is larger than the whole budget goes alone.
 */
export interface ByteBudget {
  /** @returns what gives it back (once, however often it is called); null if its turn did not come in time. */
  take(bytes: number, maxWaitMs: number): Promise<(() => void) | null>;
}

interface Waiting {
  bytes: number;
  enter(): void;
}

export function byteBudget(limitBytes: number): ByteBudget {
  const waiting: Waiting[] = [];
  let taken = 0;

  const fits = (bytes: number): boolean => taken === 0 || taken + bytes <= limitBytes;

  const hold = (bytes: number): (() => void) => {
    taken += bytes;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      taken -= bytes;
      admit();
    };
  };

  const admit = (): void => {
    while (waiting[0] && fits(waiting[0].bytes)) waiting.shift()!.enter();
  };

  return {
    take: (bytes, maxWaitMs) =>
      new Promise((resolve) => {
        if (waiting.length === 0 && fits(bytes)) return resolve(hold(bytes));
        const entry: Waiting = {
          bytes,
          enter: () => {
            clearTimeout(timer);
            resolve(hold(bytes));
          },
        };
        const timer = setTimeout(() => {
          waiting.splice(waiting.indexOf(entry), 1);
          resolve(null);
          // It may have been what the others waited behind.
          admit();
        }, maxWaitMs);
        waiting.push(entry);
      }),
  };
}
