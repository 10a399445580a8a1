/** Lets through as much work as fits; the rest waits its turn, first come, first served. */
export interface Gate {
  /** @param size notifications the work has in hand; work larger than the gate passes alone. */
  pass<T>(size: number, work: () => Promise<T>): Promise<T>;
}

export function createGate(capacity: number): Gate {
  let inside = 0;
  const queue: { size: number; enter: () => void }[] = [];

  const admit = (): void => {
    for (let next = queue[0]; next && (inside === 0 || inside + next.size <= capacity); next = queue[0]) {
      queue.shift();
      inside += next.size;
      next.enter();
    }
  };

  return {
    async pass(size, work) {
      await new Promise<void>((enter) => {
        queue.push({ size, enter });
        admit();
      });
      try {
        return await work();
      } finally {
        inside -= size;
        admit();
      }
    },
  };
}
