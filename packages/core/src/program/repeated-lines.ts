/**
 * Decides which of many equal log lines are written: the first of a kind at once, then one a minute with the number it
 * stands for. Nothing is lost from the count: it is also written when the errors end, when the process ends, and when a
 * kind is forgotten. The lines that were not written are counted as well (carillon_log_suppressed_total).
 */
export interface RepeatedLines<Line> {
  /**
   * @param kind what makes two lines equal: level, message and error code, never a value from outside alone.
   * @param line the line itself: of those that are counted, the newest is written with the count.
   */
  take(kind: string, line: Line): void;
  /** Writes all counts now. */
  flush(): void;
}

/** One line of a kind in this many milliseconds. */
export const QUIET_MS = 60_000;
/** The memory is for a flood, not for a history. */
const MOST_KINDS = 1000;

export type Level = 'warn' | 'error';
const suppressed: Record<Level, number> = { warn: 0, error: 0 };

/** Lines that were counted instead of written since the process started, by level. */
export function suppressedLines(): Readonly<Record<Level, number>> {
  return suppressed;
}

interface Kind<Line> {
  writtenAt: number;
  unwritten: number;
  /** Null once it is written: an error may hold much memory. */
  newest: Line | null;
}

/**
 * @param write receives a line and the number of lines it stands for, itself included.
 * @param now milliseconds of a monotonic clock.
 */
export function repeatedLines<Line extends { level: Level }>(
  write: (line: Line, times: number) => void,
  now: () => number = () => performance.now(),
): RepeatedLines<Line> {
  /** The one that was written longest ago is first. */
  const kinds = new Map<string, Kind<Line>>();
  let timer: NodeJS.Timeout | undefined;

  const writeCount = (kind: string, known: Kind<Line>): void => {
    kinds.delete(kind);
    kinds.set(kind, { writtenAt: now(), unwritten: 0, newest: null });
    if (known.newest !== null) write(known.newest, known.unwritten);
  };
  const flush = (isDue: (known: Kind<Line>) => boolean = () => true): void => {
    for (const [kind, known] of [...kinds])
      if (known.newest !== null && isDue(known)) writeCount(kind, known);
  };
  /** Errors that have ended leave a count behind: it is written within two minutes. */
  const writeLater = (): void => {
    if (timer) return;
    countedAtExit.add(flush);
    timer = setTimeout(() => {
      timer = undefined;
      flush(({ writtenAt }) => now() - writtenAt >= QUIET_MS);
      if ([...kinds.values()].some(({ newest }) => newest !== null)) writeLater();
      else countedAtExit.delete(flush);
    }, QUIET_MS).unref();
  };

  return {
    take(kind, line) {
      const known = kinds.get(kind);
      if (known) {
        known.newest = line;
        known.unwritten++;
        if (now() - known.writtenAt >= QUIET_MS) return writeCount(kind, known);
        suppressed[line.level]++;
        return writeLater();
      }
      if (kinds.size >= MOST_KINDS) {
        const [oldest] = kinds.entries().next().value!;
        writeCount(oldest, kinds.get(oldest)!);
        kinds.delete(oldest);
      }
      kinds.set(kind, { writtenAt: now(), unwritten: 0, newest: null });
      write(line, 1);
    },
    flush: () => flush(),
  };
}

/** Those with counts that are not written yet. */
const countedAtExit = new Set<() => void>();
process.on('exit', () => {
  for (const flush of countedAtExit) flush();
});
