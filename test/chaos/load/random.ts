/** A seeded source of chance: the same seed plans the same load and the same faults. */
export interface Random {
  /** In [0, 1). */
  next(): number;
  /** A whole number from `low` to `high`, both included. */
  whole(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(items: readonly T[]): T;
  /** By weight; weights need not add up to anything. */
  weighted<T extends { weight: number }>(items: readonly T[]): T;
  shuffled<T>(items: readonly T[]): T[];
  /** Another source that depends on this seed and a name only, not on what was drawn so far. */
  fork(name: string): Random;
}

/** mulberry32: 32 bits of state, good enough to plan with, and the same on every machine. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const whole = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1));
  return {
    next,
    whole,
    chance: (share) => next() < share,
    pick: (items) => items[whole(0, items.length - 1)]!,
    weighted(items) {
      let rest = next() * items.reduce((sum, { weight }) => sum + weight, 0);
      for (const item of items) {
        rest -= item.weight;
        if (rest < 0) return item;
      }
      return items.at(-1)!;
    },
    shuffled(items) {
      const copy = [...items];
      for (let k = copy.length - 1; k > 0; k--) {
        const other = whole(0, k);
        [copy[k], copy[other]] = [copy[other]!, copy[k]!];
      }
      return copy;
    },
    fork: (name) => createRandom(hashOf(`${seed} ${name}`)),
  };
}

/** FNV-1a. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let k = 0; k < text.length; k++) hash = Math.imul(hash ^ text.charCodeAt(k), 0x01000193);
  return hash >>> 0;
}
