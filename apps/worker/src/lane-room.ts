import type { Lane } from '@carillon/core/notification/lane';
import type { Producer } from '@carillon/queue/producer';
import { settingsOf } from '@carillon/queue/topology';

export type Depth = Awaited<ReturnType<Producer['depth']>>;

/** How deep lanes are, for the relays that fill them. */
export interface LaneRoom {
  depth(lane: Lane): Promise<Depth>;
  /** This many jobs were put into the lane. */
  filled(lane: Lane, count: number): void;
}

/**
 * How old a depth may be. Other relays fill the lane meanwhile: `maxDepth` may be exceeded by what they add in this
 * time.
 */
const FRESH_MS = 250;

/**
 * Caches for a moment how deep each lane is. Queried for each turn of the relay, it was half of all Redis queries of a
 * critical message. A lane that may be half full is queried each time.
 */
export function laneRoom(producer: Producer, now: () => number = () => performance.now()): LaneRoom {
  const known = new Map<Lane, { depth: Depth; at: number }>();
  return {
    async depth(lane) {
      const last = known.get(lane);
      if (last && now() - last.at < FRESH_MS && isRoomy(lane, last.depth)) return last.depth;
      const at = now();
      const depth = await producer.depth(lane);
      known.set(lane, { depth, at });
      return depth;
    },
    filled(lane, count) {
      const last = known.get(lane);
      if (last) last.depth = { ...last.depth, waiting: last.depth.waiting + count };
    },
  };
}

function isRoomy(lane: Lane, { waiting, delayed }: Depth): boolean {
  const { maxDepth, maxDelayed } = settingsOf(lane);
  return waiting < maxDepth / 2 && delayed < maxDelayed / 2;
}
