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
  const outages = new Map<string, { code: string; since: number; loggedAt: number }>();
  return {
    found(part, failure) {
      const known = outages.get(part);
      if (failure === null) {
        if (!known) return;
        outages.delete(part);
        log.info(`${part} can be used again`, { awaySeconds: Math.round((now() - known.since) / 1000) });
        return;
      }
      if (known?.code === failure.code && now() - known.loggedAt < REPEAT_MS) return;
      const since = known?.since ?? now();
      outages.set(part, { code: failure.code, since, loggedAt: now() });
      log.warn(failure.sentence, {
        part,
        code: failure.code,
        awaySeconds: Math.round((now() - since) / 1000),
      });
    },
    isAny: () => outages.size > 0,
  };
}
