import type { ExplainedFailure } from './explain-failure.ts';
import type { Log } from './log.ts';

/**
 * Logs that a dependency of a program is unavailable, and that it has recovered: one line when the reason changes, one
 * per minute while it lasts, none otherwise, however often the dependency is checked.
 */
export interface OutageReport {
  /**
   * @param part as the beginning of a sentence, such as `PostgreSQL`.
   * @param failure why it cannot be used; null if it can.
   */
  found(part: string, failure: ExplainedFailure | null): void;
  /** Whether any dependency is unavailable: then errors of work that needs it are expected. */
  isAny(): boolean;
}

const REPEAT_MS = 60_000;

/** @param now milliseconds, of a clock that only moves forward. */
export function createOutageReport(
  log: Pick<Log, 'info' | 'warn'>,
  now: () => number = () => performance.now(),
): OutageReport {
  const secondsSince = (since: number): number => Math.round((now() - since) / 1000);
  const outages = new Map<string, { code: string; since: number; loggedAt: number }>();
  return {
    found(part, failure) {
      const known = outages.get(part);
      if (failure === null) {
        if (!known) return;
        outages.delete(part);
        log.info('a server can be used again', { part, away_seconds: secondsSince(known.since) });
        return;
      }
      if (known?.code === failure.code && now() - known.loggedAt < REPEAT_MS) return;
      const since = known?.since ?? now();
      outages.set(part, { code: failure.code, since, loggedAt: now() });
      log.warn('a server cannot be used', {
        part,
        code: failure.code,
        reason: failure.sentence,
        away_seconds: secondsSince(since),
      });
    },
    isAny: () => outages.size > 0,
  };
}
