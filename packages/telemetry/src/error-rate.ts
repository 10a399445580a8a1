/** One report of a key in this many milliseconds; the next one gives the number it stands for. */
const QUIET_MS = 60_000;
/** The memory is for a flood, not for a history. */
const MOST_KEYS = 1000;

/**
 * Limits reports: the first error of a key is reported at once, others within a minute are counted.
 *
 * @param now milliseconds of a monotonic clock.
 * @returns a function that takes a key and returns how many errors the report stands for; 0 means no report.
 */
export function errorRate(now: () => number = () => performance.now()): (key: string) => number {
  const keys = new Map<string, { reportedAt: number; unreported: number }>();
  return (key) => {
    const known = keys.get(key);
    if (known && now() - known.reportedAt < QUIET_MS) {
      known.unreported++;
      return 0;
    }
    if (keys.size >= MOST_KEYS) keys.clear();
    keys.set(key, { reportedAt: now(), unreported: 0 });
    return 1 + (known?.unreported ?? 0);
  };
}
