/**
 * PostgreSQL's time without a query of its own: each statement that returns `now()` is a sample, and the monotonic
 * clock extrapolates from it. Everything about `expires_at` and due times is decided by this one clock, so that a
 * worker with a wrong clock neither expires early nor sends late, and an API with a wrong clock neither refuses a
 * timely request nor accepts a late one.
 */
export interface DatabaseClock {
  /** PostgreSQL's time in ms since the epoch. Before the first sample it is this machine's. */
  now(): number;
  /**
   * @param sentAt the monotonic clock before the statement was sent, in ms.
   * @param databaseNow its `now()`: the time at which the server began it.
   */
  observe(sentAt: number, databaseNow: Date): void;
  /**
   * The monotonic time, in ms, before which a statement that says it began at `databaseNow` certainly did not begin.
   * Later than the moment it was sent, where it waited for a connection.
   */
  notBefore(sentAt: number, databaseNow: Date): number;
}

/** A point in time by both clocks of this machine. */
export interface Moment {
  /** Milliseconds since the epoch. */
  wall: number;
  /** The monotonic clock, in ms. */
  monotonic: number;
}

export function momentNow(): Moment {
  return { wall: Date.now(), monotonic: performance.now() };
}

/**
 * How long ago a value was read, in milliseconds, by the clock that shows more: the monotonic clock stops while a
 * machine is suspended, and the wall clock can be set either way.
 */
export function ageMs(since: Moment, now = momentNow()): number {
  return Math.max(now.monotonic - since.monotonic, Math.abs(now.wall - since.wall));
}

interface Sample {
  /** The monotonic clock less PostgreSQL's is between these two. */
  low: number;
  high: number;
  at: number;
}

/** The two clocks may drift apart by 0.02 % (ten times what NTP allows): 6 ms in this time. */
const FRESH_MS = 30_000;
/** The error of rounding to whole milliseconds. */
const ROUNDED_MS = 1;

/** @param monotonic a monotonic clock, in ms. @param wall used until the first sample. */
export function databaseClock(
  monotonic: () => number = () => performance.now(),
  wall: () => number = Date.now,
): DatabaseClock {
  let best: Sample | null = null;

  const observe = (sentAt: number, databaseNow: Date): void => {
    const receivedAt = monotonic();
    const database = databaseNow.getTime();
    const sample = { low: sentAt - database - ROUNDED_MS, high: receivedAt - database, at: receivedAt };
    // Disjoint: one of the clocks was set, or this machine was suspended. The newer one is right.
    const isOverlapping = best !== null && sample.low <= best.high && sample.high >= best.low;
    const isTighter = best !== null && sample.high - sample.low <= best.high - best.low;
    if (best === null || !isOverlapping || isTighter || receivedAt - best.at > FRESH_MS) best = sample;
  };

  return {
    observe,
    now: () => (best === null ? wall() : monotonic() - (best.low + best.high) / 2),
    notBefore: (sentAt, databaseNow) =>
      best === null ? sentAt : Math.max(sentAt, Math.min(monotonic(), databaseNow.getTime() + best.low)),
  };
}
