/** Lets through as much work as fits; the rest waits its turn, first come, first served. */
export interface Gate {
  /**
   * @param size notifications the work has in hand; work larger than the gate passes alone.
   * @returns what the work returns; null if the gate was closed before its turn.
   */
  pass<T>(size: number, work: () => Promise<T>): Promise<T | null>;
  /** Turns away whoever waits or comes from now on; what is inside goes on. */
  close(): void;
  isClosed(): boolean;
}

/** @param outer a gate behind this one, which all share: each takes only so much of it. */
export function createGate(capacity: number, outer?: Gate): Gate {
  let inside = 0;
  let closed = false;
  const queue: { size: number; enter: (admitted: boolean) => void }[] = [];

  const admit = (): void => {
    for (let next = queue[0]; next && (inside === 0 || inside + next.size <= capacity); next = queue[0]) {
      queue.shift();
      inside += next.size;
      next.enter(true);
    }
  };

  return {
    async pass(size, work) {
      if (closed) return null;
      const admitted = await new Promise<boolean>((enter) => {
        queue.push({ size, enter });
        admit();
      });
      if (!admitted) return null;
      try {
        return await (outer ? outer.pass(size, work) : work());
      } finally {
        inside -= size;
        admit();
      }
    },
    close() {
      closed = true;
      for (const { enter } of queue.splice(0)) enter(false);
    },
    isClosed: () => closed || outer?.isClosed() === true,
  };
}
