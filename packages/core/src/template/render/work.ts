import { OwnError } from '../../program/own-error.ts';
import { CLOCK_LIMIT_MS, WORK_LIMIT } from './limits.ts';

/** A field used up its work limit: that of any field (WORK_LIMIT), or the budget of its caller. */
export class WorkExceeded extends OwnError {
  readonly limit: number;

  constructor(limit: number) {
    super(`causes more work than a field may (${limit} units): shorten its loops or the lists it walks`);
    this.limit = limit;
  }
}

/**
 * Counts the work of one field while it is rendered. LiquidJS calls it in place of its own limits. The count is the
 * same on every machine; the clock only ends uncounted work, and it is the thread's CPU time, so that a busy machine or
 * a stopped process fails no message.
 */
export class WorkMeter {
  used = 0;
  readonly limit: number;
  readonly #began = performance.now();
  readonly #cpuAtStart = cpuMs();
  #untilLook = LOOK_EVERY;

  constructor(limit: number = WORK_LIMIT) {
    this.limit = limit;
  }

  /**
   * @param units of work that are about to be done, or were done just now; negative ones and NaN count nothing.
   * @throws WorkExceeded
   */
  use(units: number): void {
    if (!(units > 0)) return;
    this.used += units;
    if (this.used > this.limit) throw new WorkExceeded(this.limit);
  }

  /** Reads the clock occasionally. */
  check(): void {
    this.#untilLook -= 1;
    if (this.#untilLook > 0) return;
    this.#untilLook = LOOK_EVERY;
    if (performance.now() - this.#began < CLOCK_LIMIT_MS) return;
    if (cpuMs() - this.#cpuAtStart > CLOCK_LIMIT_MS) throw new WorkExceeded(this.limit);
  }
}

const LOOK_EVERY = 64;

function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** Reading a text is about sixteen times cheaper than building one. */
const CHARACTERS_READ_PER_UNIT = 16;

/** Names of an object's members take longer to collect than items of a list. */
export const MEMBER_COST = 6;
const ITEM_COST = 4;

/** The cost of reading a whole value once: all its characters, items and members, at any depth. */
export function readingCost(value: unknown): number {
  if (typeof value === 'string') return 1 + value.length / CHARACTERS_READ_PER_UNIT;
  if (value === null || typeof value !== 'object') return 1;
  let cost = 0;
  const pending: unknown[] = [value];
  while (pending.length > 0) {
    const next = pending.pop();
    cost += ITEM_COST;
    if (typeof next === 'string') cost += next.length / CHARACTERS_READ_PER_UNIT;
    else if (Array.isArray(next)) for (const item of next) pending.push(item);
    else if (next !== null && typeof next === 'object')
      for (const item of Object.values(next)) pending.push(item);
    if (cost > WORK_LIMIT) break;
  }
  return cost;
}
