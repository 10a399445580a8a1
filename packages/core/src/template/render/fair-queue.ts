/** A queue shared by many parties: round robin, whatever the others have waiting, and bounded by weight. */
export interface FairQueue<T> {
  readonly size: number;
  /**
   * @param weight of the item, in the units of the bounds.
   * @returns false if it would exceed the bound of this party (unless it has nothing waiting) or of all.
   */
  push(party: string, item: T, weight: number): boolean;
  /** The next item: parties in rotation, the items of each in order of arrival. */
  shift(): T | undefined;
  /** Removes all items. */
  drain(): T[];
}

export function fairQueue<T>(bounds: { ofParty: number; ofAll: number }): FairQueue<T> {
  /** In rotation: the first one is served next, and goes to the end if it has more. */
  const parties = new Map<string, { entries: { item: T; weight: number }[]; weight: number }>();
  let size = 0;
  let total = 0;

  return {
    get size() {
      return size;
    },
    push: (party, item, weight) => {
      const own = parties.get(party) ?? { entries: [], weight: 0 };
      const isFirst = own.entries.length === 0;
      if (!isFirst && own.weight + weight > bounds.ofParty) return false;
      if (size > 0 && total + weight > bounds.ofAll) return false;
      own.entries.push({ item, weight });
      own.weight += weight;
      total += weight;
      size += 1;
      parties.set(party, own);
      return true;
    },
    shift: () => {
      const next = parties.entries().next();
      if (next.done) return undefined;
      const [party, own] = next.value;
      const { item, weight } = own.entries.shift()!;
      own.weight -= weight;
      total -= weight;
      size -= 1;
      parties.delete(party);
      if (own.entries.length > 0) parties.set(party, own);
      return item;
    },
    drain: () => {
      const all = [...parties.values()].flatMap(({ entries }) => entries.map(({ item }) => item));
      parties.clear();
      size = total = 0;
      return all;
    },
  };
}
