/**
 * Serialises calls of the same work: a call made while one runs begins when that has ended, so that of two readers the
 * later one leaves what the later one read.
 *
 * @returns a function that begins a turn after those before it and resolves (or rejects) with that turn.
 */
export function oneAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let last: Promise<unknown> = Promise.resolve();
  return () => {
    const turn = last.then(work, work);
    last = turn;
    // Rejects for the caller of this turn; the next turn runs all the same.
    turn.catch(() => {});
    return turn;
  };
}
