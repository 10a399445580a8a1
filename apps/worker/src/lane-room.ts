import { withTimeout } from '@carillon/core/notification/deadline';
import type { Lane } from '@carillon/core/notification/lane';
import type { Producer } from '@carillon/queue/producer';
import { settingsOf } from '@carillon/queue/topology';

export type Depth = Awaited<ReturnType<Producer['depth']>>;

/** How deep lanes are, for the relays that fill them. */
export interface LaneRoom {
  /**
   * The lanes that can be filled now, with their depths. On a cluster each lane lies on one master: lanes whose master does
   * not answer are left out, and do not hold up the others.
   *
   * @throws if no lane answers.
   */
  depths(lanes: readonly Lane[]): Promise<{ lane: Lane; depth: Depth }[]>;
  /** This many jobs were put into the lane. */
  filled(lane: Lane, count: number): void;
}

/**
 * How old a depth may be. Other relays fill the lane meanwhile: `maxDepth` may be exceeded by what they add in this
 * time.
 */
const FRESH_MS = 250;
/** A lane that does not answer within this, while another does, is left out until it has answered. */
const PATIENCE_MS = 500;

/**
 * Caches for a moment how deep each lane is. Queried for each turn of the relay, it was half of all Redis queries of a
 * critical message. A lane that may be half full is queried each time.
 *
 * @param onAway called when a lane begins to be left out, and not again before it was back.
 */
export function laneRoom(
  producer: Producer,
  onAway: (error: unknown, lane: Lane) => void = () => {},
  now: () => number = () => performance.now(),
): LaneRoom {
  const known = new Map<Lane, { depth: Depth; at: number }>();
  /** Questions without an answer yet. */
  const open = new Map<Lane, Promise<Depth>>();
  const away = new Set<Lane>();

  const ask = async (lane: Lane): Promise<Depth> => {
    const at = now();
    try {
      const depth = await producer.depth(lane);
      known.set(lane, { depth, at });
      away.delete(lane);
      return depth;
    } finally {
      open.delete(lane);
    }
  };

  const depthOf = (lane: Lane): Promise<Depth> | Depth => {
    const last = known.get(lane);
    if (last && now() - last.at < FRESH_MS && isRoomy(lane, last.depth)) return last.depth;
    const question = open.get(lane) ?? ask(lane);
    open.set(lane, question);
    return question;
  };

  return {
    async depths(lanes) {
      const found = new Map<Lane, Depth>();
      const failures = new Map<Lane, unknown>();
      const questions = lanes.map(async (lane) => {
        try {
          found.set(lane, await depthOf(lane));
        } catch (error) {
          failures.set(lane, error);
        }
      });
      const near = questions.filter((_, k) => !away.has(lanes[k]!));
      await withTimeout(PATIENCE_MS, Promise.all(near)).catch(() => {});
      if (found.size === 0) await Promise.all(questions);
      if (found.size === 0) throw failures.values().next().value;
      for (const lane of lanes) {
        if (found.has(lane) || away.has(lane)) continue;
        away.add(lane);
        onAway(failures.get(lane) ?? new Error(`Redis does not answer for the lane ${lane}`), lane);
      }
      return [...found].map(([lane, depth]) => ({ lane, depth }));
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
