export interface SharedAnswerOptions {
  /** One answer serves everyone who asks within this time. */
  forMs: number;
  /** The largest share of the time that making answers may take: one that took long serves for longer. */
  share: number;
  now?(): number;
}

/**
 * One computed answer for all who ask at about the same time, however many they are. Who asks while one is being made
 * waits for it. A failure is passed on to those who waited and not kept.
 */
export function sharedAnswer<Answer>(
  make: () => Promise<Answer>,
  { forMs, share, now = () => performance.now() }: SharedAnswerOptions,
): () => Promise<Answer> {
  let current: Promise<Answer> | null = null;
  let until = Number.POSITIVE_INFINITY;

  return () => {
    if (current !== null && now() < until) return current;
    const began = now();
    until = Number.POSITIVE_INFINITY;
    const made = make();
    current = made;
    made.then(
      () => {
        const ended = now();
        until = ended + Math.max(forMs, (ended - began) / share);
      },
      () => {
        current = null;
      },
    );
    return made;
  };
}
