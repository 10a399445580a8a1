/**
 * Decides which of many equal log lines are written: the first of a kind at once, then one in ten seconds with the number
 * it stands for. The others are counted, over all limits of this process (carillon_log_suppressed_total).
 */
export interface RepeatedLines {
  /**
   * @param kind what makes two lines equal: the text and an error code, never a value from outside alone. Ids in it do not
   *   count: errors about a thousand jobs are of one kind.
   * @returns the number of lines that this one stands for, itself included; null if it is not to be written.
   */
  admit(kind: string): number | null;
}

/** One line of a kind in this many milliseconds. */
export const QUIET_MS = 10_000;
/** Error texts may contain anything, so kinds are unbounded: the memory is for a flood, not for a history. */
const MAX_KINDS = 1000;

/** Ids of notifications and of their jobs, which may have an ending. */
const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\w*/g;

export type Level = 'warn' | 'error';
const suppressed: Record<Level, number> = { warn: 0, error: 0 };

/** Lines that were counted instead of written since the process started, by level. */
export function suppressedLines(): Readonly<Record<Level, number>> {
  return suppressed;
}

/**
 * @param level of the lines.
 * @param now milliseconds of a monotonic clock.
 */
export function repeatedLines(level: Level, now: () => number = () => performance.now()): RepeatedLines {
  const kinds = new Map<string, { loggedAt: number; unlogged: number }>();
  return {
    admit(text) {
      const kind = text.replaceAll(ID, '<id>');
      const known = kinds.get(kind);
      if (known && now() - known.loggedAt < QUIET_MS) {
        known.unlogged++;
        suppressed[level]++;
        return null;
      }
      if (kinds.size >= MAX_KINDS) kinds.clear();
      kinds.set(kind, { loggedAt: now(), unlogged: 0 });
      return 1 + (known?.unlogged ?? 0);
    },
  };
}
