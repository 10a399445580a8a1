import { CHANNELS, type Channel } from './channel.ts';
import { PRIORITIES, type Priority } from './priority.ts';

/** A lane is one queue: a channel at a priority. The outbox row names it, the relay fills it, a worker drains it. */
export type Lane = `${Channel}-${Priority}`;

/** The only place that builds a lane's name. */
export function laneOf(channel: Channel, priority: Priority): Lane {
  return `${channel}-${priority}`;
}

/** Parses a lane's name. Lane names come only from `laneOf`, so the split cannot fail. */
export function partsOf(lane: Lane): { channel: Channel; priority: Priority } {
  const cut = lane.lastIndexOf('-');
  return { channel: lane.slice(0, cut) as Channel, priority: lane.slice(cut + 1) as Priority };
}

export const LANES: readonly Lane[] = PRIORITIES.flatMap((priority) =>
  CHANNELS.map((channel) => laneOf(channel, priority)),
);

/** The lanes of the given priorities, most urgent first. */
export function lanesOf(priorities: readonly Priority[]): Lane[] {
  return LANES.filter((lane) => priorities.includes(partsOf(lane).priority));
}
