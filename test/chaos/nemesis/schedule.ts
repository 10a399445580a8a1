import type { Random } from '../load/random.ts';
import type { FaultKind } from './fault.ts';
import { FAULT_GROUPS } from './kinds.ts';

/** A fault of a run before it happens. */
export interface ScheduledFault {
  /** From the beginning of the run. */
  atMs: number;
  kind: FaultKind;
  target: string;
  lastsMs: number;
}

/**
 * Plans so many faults, spread evenly with some jitter. Groups take turns and within a group every kind comes up before
 * one comes up again, so that even a short run meets very different trouble; the same seed plans the same.
 */
export function planFaults(
  count: number,
  spanMs: number,
  random: Random,
  groups: readonly (readonly FaultKind[])[] = FAULT_GROUPS,
): ScheduledFault[] {
  const bags = groups.map((kinds) => bagOf(kinds, random));
  const turns = bagOf(
    bags.map((draw, k) => ({ weight: Math.max(1, Math.round(Math.sqrt(groups[k]!.length))), draw })),
    random,
  );
  const spacing = spanMs / count;
  return Array.from({ length: count }, (_, k) => {
    const kind = turns().draw();
    const [least, most] = kind.lastsMs;
    return {
      atMs: Math.round((k + random.next() * 0.8) * spacing),
      kind,
      target: random.pick(kind.targets),
      lastsMs: random.whole(least, most),
    };
  });
}

/** Draws without replacement until the bag is empty; an item is in it as often as its weight. */
function bagOf<T extends { weight: number }>(items: readonly T[], random: Random): () => T {
  const full = items.flatMap((item) => Array.from({ length: item.weight }, () => item));
  let bag: T[] = [];
  return () => {
    if (bag.length === 0) bag = random.shuffled(full);
    return bag.pop()!;
  };
}
