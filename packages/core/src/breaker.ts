import type { Outcome } from './outcome.ts';

/** `closed` lets calls through, `open` none, `half_open` a few on trial. */
export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/** When the breaker of a provider account opens, and how it comes back. */
export const BREAKER = {
  /** More than this share of the calls of the window failed: open. */
  windowSeconds: 30,
  failureShare: 0.05,
  /** Below so many calls a share says nothing. */
  minCalls: 20,
  /** With fewer calls than that in the window, so many failures one after the other open it. */
  failuresInARow: 5,
  /**
   * A provider that falls silent fills the workers, and calls become rare: against half a minute of good ones they would
   * stay below the share until the window has moved on. So half of the last seconds' calls is enough as well.
   */
  collapseSeconds: 3,
  collapseShare: 0.5,
  /**
   * The first cool-down; it doubles with every failed return, up to a minute: a probe is one cheap call, and a provider
   * that is well again must not be left alone for long because it failed often ...
   */
  coolDownSeconds: 5,
  maxCoolDownSeconds: 60,
  /** ... and is forgotten when a breaker was closed for so long. */
  forgetAfterSeconds: 300,
  /** So many good trial calls close it at once; where traffic is low, two are enough after half a minute. */
  trialsToClose: 5,
  fewTrialsToClose: 2,
  fewTrialsAfterSeconds: 30,
} as const;

/** What the calls to an account came to, over all workers, since its breaker entered its present state. */
export interface BreakerCounts {
  /** Of the last `windowSeconds`. */
  calls: number;
  failures: number;
  /** Of the last `collapseSeconds`. */
  recentCalls: number;
  recentFailures: number;
  /** Failures since the last success. */
  inARow: number;
  /** Successes in all. */
  successes: number;
}

/** The breaker of an account, as all workers see it. */
export interface Breaker {
  account: string;
  state: BreakerState;
  /** Who holds it by hand; null while it moves by itself. */
  heldBy: string | null;
  reason: string | null;
  changedAt: Date;
  /** While open: when it is probed next. */
  probeAt: Date | null;
  /** The last cool-down; 0 when there was none. */
  coolDownSeconds: number;
}

export type BreakerMove =
  | { to: 'open'; reason: string; coolDownSeconds: number }
  | { to: 'closed'; reason: string };

/**
 * What a finished call says about its account. An answer about one message or one recipient is a sign of life. A limit
 * or a used-up quota is neither: the account works, and leaving it would not make it answer sooner (its messages wait,
 * or go to the next account). `suspicion`: the provider refuses the account or this sender, and a probe tells which.
 */
export type Sign = 'success' | 'failure' | 'nothing' | 'suspicion';

export function signOf(outcome: Outcome): Sign {
  switch (outcome.class) {
    case 'accepted':
      return 'success';
    case 'rejected':
    case 'bad_recipient':
      // Refused before the provider was asked: no sign of anything.
      return outcome.phase === 'answered' ? 'success' : 'nothing';
    case 'transient':
      // Our own process was stopped too long; the provider has no part in it.
      return outcome.code === 'lease_over' ? 'nothing' : 'failure';
    case 'in_doubt':
      return 'failure';
    case 'misconfigured':
      return 'suspicion';
    case 'throttled':
    case 'quota':
      return 'nothing';
  }
}

/**
 * From when on an unanswered call counts as failed, so that a provider that hangs is left long before our own deadline.
 *
 * @param typicalMs how long answered calls of late took. One that is always slow is not hanging.
 */
export function hangsAfterMs(typicalMs: number): number {
  return Math.max(HANGS_AFTER_MS, typicalMs * SLOWER_THAN_TYPICAL);
}

/** One late answer is enough for the next call to be given as long: a quarter of its time, times four. */
export function typicalMsAfter(typicalMs: number, answeredInMs: number): number {
  return typicalMs + (answeredInMs - typicalMs) / SLOWER_THAN_TYPICAL;
}

const HANGS_AFTER_MS = 3000;
const SLOWER_THAN_TYPICAL = 4;

/**
 * Pure: where a breaker goes by what was counted. From `open` it is moved by the probe, not by counts; held by hand it
 * is not moved at all.
 *
 * @param now milliseconds since the epoch.
 */
export function nextMove(breaker: Breaker, counts: BreakerCounts, now: number): BreakerMove | null {
  if (breaker.heldBy !== null) return null;
  const seconds = (now - breaker.changedAt.getTime()) / 1000;
  if (breaker.state === 'closed') {
    const reason = reasonToOpen(counts);
    return reason === null ? null : openAgain(breaker, reason, seconds);
  }
  if (breaker.state === 'half_open') {
    if (counts.failures > 0) return openAgain(breaker, 'a trial call failed', 0);
    const { trialsToClose, fewTrialsToClose, fewTrialsAfterSeconds } = BREAKER;
    const enough = seconds >= fewTrialsAfterSeconds ? fewTrialsToClose : trialsToClose;
    if (counts.successes >= enough)
      return { to: 'closed', reason: `${counts.successes} trial calls succeeded` };
  }
  return null;
}

/** An account that was found unfit by other means than counting: its credentials are refused. */
export function openAgain(breaker: Breaker, reason: string, closedForSeconds: number): BreakerMove {
  return {
    to: 'open',
    reason,
    coolDownSeconds: coolDownSeconds(breaker.coolDownSeconds, closedForSeconds),
  };
}

/** @param closedForSeconds how long it went well in between; 0 for a return that failed. */
export function coolDownSeconds(last: number, closedForSeconds: number): number {
  if (last === 0 || closedForSeconds >= BREAKER.forgetAfterSeconds) return BREAKER.coolDownSeconds;
  return Math.min(last * 2, BREAKER.maxCoolDownSeconds);
}

function reasonToOpen({
  calls,
  failures,
  recentCalls,
  recentFailures,
  inARow,
}: BreakerCounts): string | null {
  const { windowSeconds, failureShare, minCalls, failuresInARow, collapseSeconds, collapseShare } = BREAKER;
  if (calls >= minCalls && failures > calls * failureShare)
    return `${failures} of ${calls} calls failed in ${windowSeconds} s`;
  if (recentCalls >= minCalls && recentFailures >= recentCalls * collapseShare)
    return `${recentFailures} of ${recentCalls} calls failed in ${collapseSeconds} s`;
  if (calls < minCalls && inARow >= failuresInARow) return `${inARow} calls in a row failed`;
  return null;
}
