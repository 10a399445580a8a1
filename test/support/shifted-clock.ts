/**
 * Preloaded into a process (NODE_OPTIONS=--import=...?ms=600000), it sets that process's clock wrong by so many ms: what `Date` says,
 * as on a machine without NTP. The monotonic clock and timers stay right, as they do there.
 */
const shiftMs = Number(new URL(import.meta.url).searchParams.get('ms'));
const Right = Date;

class ShiftedDate extends Right {
  constructor(...given: unknown[]) {
    if (given.length === 0) super(Right.now() + shiftMs);
    else super(...(given as [number]));
  }
  static override now(): number {
    return Right.now() + shiftMs;
  }
}

globalThis.Date = ShiftedDate as DateConstructor;
