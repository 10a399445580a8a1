import type { Breaker, BreakerState } from './breaker.ts';

/** Whether an account may be called now. */
export type Admission =
  | { admitted: true; isTrial: boolean }
  /** `why` contains no times: a repeat is the same sentence. */
  | { admitted: false; state: BreakerState; why: string; retryInMs: number };

export type Refused = Extract<Admission, { admitted: false }>;

/** A little after the probe, so that a retried message finds its result. */
const AFTER_PROBE_MS = 1000;
/** A manual hold has no known end. */
const HELD_RETRY_MS = 30_000;

/**
 * Pure: whether a breaker admits a call. If it is half open the call is a trial, which needs a permit.
 *
 * @param breaker undefined if the account has none yet.
 * @param now milliseconds since the epoch.
 */
export function admissionBy(breaker: Breaker | undefined, now: number): Admission {
  if (!breaker || breaker.state === 'closed') return { admitted: true, isTrial: false };
  if (breaker.state === 'half_open') return { admitted: true, isTrial: true };
  const { account, heldBy, reason } = breaker;
  const held = heldBy === null ? '' : ` by ${heldBy}`;
  const why = `the breaker of ${account} is open${held}${reason ? ` (${reason})` : ''}`;
  return { admitted: false, state: 'open', why, retryInMs: untilProbeMs(breaker, now) };
}

/** The probe's time is the database's: with a wrong local clock, a wait is still no longer than the cool-down. */
function untilProbeMs({ probeAt, coolDownSeconds }: Breaker, now: number): number {
  if (probeAt === null) return HELD_RETRY_MS;
  const waitMs = Math.min(Math.max(probeAt.getTime() - now, 0), coolDownSeconds * 1000);
  return waitMs + AFTER_PROBE_MS;
}
