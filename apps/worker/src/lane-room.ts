import type { Lane } from '@carillon/core/lane';
import type { Producer } from '@carillon/queue/producer';
import { settingsOf } from '@carillon/queue/topology';

export type Depth = Awaited<ReturnType<Producer['depth']>>;

/** How deep lanes are, for who fills them. */
export interface LaneRoom {
  depth(lane: Lane): Promise<Depth>;
  /** So many were put into the lane. */
  filled(lane: Lane, count: number): void;
}

/** How old an answer may be. Other relays fill the lane meanwhile: `maxDepth` may be exceeded by what they add so fast. */
const FRESH_MS = 250;

/**
 * Remembers for a moment how deep each lane is. Asked anew for each turn of the relay it was half of all that a critical
 * message asked of Redis. A lane that may be half full is looked at each time.
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
  const half = settingsOf(lane).maxDepth / 2;
  return waiting < half && delayed < half;
}
