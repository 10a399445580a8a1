import type { NotAccepted, Outcome } from './outcome.ts';

/** `closed` lets calls through, `open` none, `half_open` a few on trial. */
export const BREAKER_STATES = ['closed', 'open', 'half_open'] as const;
export type BreakerState = (typeof BREAKER_STATES)[number];

/**
 * When the breaker of a provider account opens, and how it closes again. What counts is how many *messages* fail, not
 * how often: a repeated failure of the same message says nothing new about the account.
 */
export const BREAKER = {
  windowSeconds: 30,
  /** Below this many messages a share is not significant. */
  minCalls: 20,
  /**
   * If this share of the messages of the window, or of the last seconds, failed, it is an outage, whatever the probe
   * says.
   */
  outageShare: 0.5,
  /**
   * A provider that stops answering blocks the workers, and calls become rare: compared with half a minute of good ones
   * they would stay below the share until the window has moved on.
   */
  collapseSeconds: 3,
  /**
   * A smaller share than this is normal. Between the two the account is probed: messages may fail for reasons of their
   * own.
   */
  failureShare: 0.05,
  /** After this many failures since the last success the account is probed. */
  failuresInARow: 5,
  /**
   * The first cool-down; it doubles with every failed return, up to a minute: a probe is one cheap call, and a
   * recovered provider must not stay unused for long because it failed often ...
   */
  coolDownSeconds: 5,
  maxCoolDownSeconds: 60,
  /** ... and is reset when a breaker was closed for this long. */
  forgetAfterSeconds: 300,
  /** This many good trial calls close it at once; at low traffic two are enough after half a minute. */
  trialsToClose: 5,
  fewTrialsToClose: 2,
  fewTrialsAfterSeconds: 30,
  /** One failed trial may be caused by its message; this many, and more than succeeded, are not. */
  failedTrialsToOpen: 2,
} as const;

/**
 * The results of the calls to an account, over all workers, since its breaker entered its current state. Failures are
 * of messages that had not failed before; a success counts whatever its message did before.
 */
export interface BreakerCounts {
  /** Of the last `windowSeconds`. */
  calls: number;
  failures: number;
  /** Of the last `collapseSeconds`. A failure whose call began before that of a success is not among them. */
  recentCalls: number;
  recentFailures: number;
  /** Messages that failed since the last success. */
  inARow: number;
  /** Failures of messages that had failed before, since the last success. */
  again: number;
  /** Successes in all. */
  successes: number;
}

/** The breaker of an account, as all workers see it. */
export interface Breaker {
  account: string;
  state: BreakerState;
  /** Who holds it manually; null while it moves automatically. */
  heldBy: string | null;
  reason: string | null;
  changedAt: Date;
  /** While open: the time of the next probe. */
  probeAt: Date | null;
  /** The last cool-down; 0 when there was none. */
  coolDownSeconds: number;
}

export type BreakerMove =
  | { to: 'open'; reason: string; coolDownSeconds: number }
  | { to: 'half_open' | 'closed'; reason: string };

/** A case that the counts leave undecided: the account is probed, and the result decides. */
export interface BreakerQuestion {
  ask: true;
  /** Why a probe is needed; null where the probe's answer alone gives the reason. */
  why: string | null;
  /** The move of the breaker if the account is not healthy. */
  coolDownSeconds: number;
  /** The moves if the account is healthy, and if it has no probe. */
  ifWell: BreakerMove | null;
  ifUnasked: BreakerMove | null;
}

/**
 * How a finished call counts for its account. An answer about one message, one recipient or one sender counts as
 * healthy, even if it asks to retry later (a full mailbox, greylisting). A limit or an exhausted quota is neither: the
 * account works, and opening the breaker would not help (its messages wait, or go to the next account). `suspicion`:
 * the provider rejects the account or this sender, and a probe shows which. `failed_again`: the message had failed
 * before, so it may be the cause.
 */
export type Sign = 'success' | 'failure' | 'failed_again' | 'nothing' | 'suspicion';

/** @param failedBefore whether an earlier call with this message to this account failed. */
export function signOf(outcome: Outcome, failedBefore = false): Sign {
  const failure = failedBefore ? 'failed_again' : 'failure';
  switch (outcome.class) {
    case 'accepted':
      return 'success';
    case 'rejected':
    case 'bad_recipient':
      // Rejected before the provider was called, or with a code of unknown meaning: not significant.
      return outcome.phase === 'answered' && !isUnknown(outcome) ? 'success' : 'nothing';
    case 'transient':
      if (isAboutOne(outcome)) return 'success';
      // This process was stopped too long; the provider is not the cause.
      return outcome.code === 'lease_over' ? 'nothing' : failure;
    case 'in_doubt':
      return failure;
    case 'misconfigured':
      return isAboutOne(outcome) ? 'success' : 'suspicion';
    case 'throttled':
    case 'quota':
      return 'nothing';
  }
}

/** A full mailbox, greylisting, an unverified sender: the answer of a working provider. */
function isAboutOne({ phase, about }: NotAccepted): boolean {
  return phase === 'answered' && (about === 'message' || about === 'recipient' || about === 'sender');
}

const isUnknown = ({ about, othersMayTake }: NotAccepted): boolean =>
  about === undefined && othersMayTake === true;

/**
 * Whether an earlier call with this message to this account failed: a doubt that is repeated or sent again, or a later
 * round over the accounts. Waiting for a limit begins no round, and another account of the same round has not seen it.
 */
export function failedBefore(
  { isRepeat, tries, tried }: { isRepeat?: true; tries: number; tried: readonly string[] | null },
  account: string,
): boolean {
  return isRepeat === true || tries > 1 || tried?.includes(account) === true;
}

/**
 * The time after which an unanswered call counts as failed, so that the breaker of a hanging provider opens long before
 * the call's deadline.
 *
 * @param typicalMs how long recently answered calls took. A provider that is always slow is not hanging.
 */
export function hangsAfterMs(typicalMs: number): number {
  return Math.max(HANGS_AFTER_MS, typicalMs * SLOWER_THAN_TYPICAL);
}

/** One late answer is enough to give the next call as much time: a quarter of its time, times four. */
export function typicalMsAfter(typicalMs: number, answeredInMs: number): number {
  return typicalMs + (answeredInMs - typicalMs) / SLOWER_THAN_TYPICAL;
}

const HANGS_AFTER_MS = 3000;
const SLOWER_THAN_TYPICAL = 4;

/**
 * Pure: the move of a breaker by its counts, or the probe that is needed first. From `open` only the probe moves it,
 * not the counts; held manually it does not move.
 *
 * @param now milliseconds since the epoch.
 */
export function nextMove(
  breaker: Breaker,
  counts: BreakerCounts,
  now: number,
): BreakerMove | BreakerQuestion | null {
  if (breaker.heldBy !== null) return null;
  const seconds = (now - breaker.changedAt.getTime()) / 1000;
  if (breaker.state === 'closed') return whileClosed(breaker, counts, seconds);
  if (breaker.state === 'half_open') return onTrial(breaker, counts, seconds);
  return null;
}

/**
 * Pure: the move after a probe.
 *
 * @param answer of the probe; null if the account has none.
 */
export function answered(
  { why, coolDownSeconds, ifWell, ifUnasked }: BreakerQuestion,
  answer: { healthy: true } | { healthy: false; why: string } | null,
): BreakerMove | null {
  if (answer === null) return ifUnasked;
  if (answer.healthy) return ifWell;
  return { to: 'open', reason: why === null ? answer.why : `${why}; asked: ${answer.why}`, coolDownSeconds };
}

/**
 * The provider rejected the account, or this sender or country only. One app's bad sender must not stop the messages of
 * all apps, so the account is probed; without a probe the rejection counts.
 *
 * @param words what the provider said.
 * @param now milliseconds since the epoch.
 */
export function suspected(breaker: Breaker, words: string, now: number): BreakerQuestion | null {
  if (breaker.heldBy !== null || breaker.state === 'open') return null;
  const seconds = breaker.state === 'closed' ? (now - breaker.changedAt.getTime()) / 1000 : 0;
  const open = openAgain(breaker, words, seconds);
  return { ask: true, why: null, coolDownSeconds: open.coolDownSeconds, ifWell: null, ifUnasked: open };
}

type Opening = Extract<BreakerMove, { to: 'open' }>;

function openAgain(breaker: Breaker, reason: string, closedForSeconds: number): Opening {
  return {
    to: 'open',
    reason,
    coolDownSeconds: coolDownSeconds(breaker.coolDownSeconds, closedForSeconds),
  };
}

/** @param closedForSeconds how long it was closed in between; 0 if the trial failed. */
export function coolDownSeconds(last: number, closedForSeconds: number): number {
  if (last === 0 || closedForSeconds >= BREAKER.forgetAfterSeconds) return BREAKER.coolDownSeconds;
  return Math.min(last * 2, BREAKER.maxCoolDownSeconds);
}

function whileClosed(
  breaker: Breaker,
  counts: BreakerCounts,
  seconds: number,
): BreakerMove | BreakerQuestion | null {
  const { calls, failures, recentCalls, recentFailures, inARow, again } = counts;
  const { windowSeconds, minCalls, outageShare, collapseSeconds, failureShare, failuresInARow } = BREAKER;
  const open = (reason: string) => openAgain(breaker, reason, seconds);
  const ofWindow = `${failures} of ${calls} messages failed in ${windowSeconds} s`;
  if (recentCalls >= minCalls && recentFailures >= recentCalls * outageShare)
    return open(`${recentFailures} of ${recentCalls} messages failed in ${collapseSeconds} s`);
  if (calls >= minCalls && failures >= calls * outageShare) return open(ofWindow);

  const noneSucceeds = recentCalls <= recentFailures;
  if (noneSucceeds && inARow >= failuresInARow) {
    const why = `${inARow} messages in a row failed`;
    const ifWell = { to: 'half_open', reason: `${why}, but the probe found it healthy` } as const;
    return questionOf(open(why), { ifWell, ifUnasked: open(why) });
  }
  if (calls >= minCalls && failures > calls * failureShare) return questionOf(open(ofWindow));
  if (noneSucceeds && inARow + again >= failuresInARow)
    return questionOf(open(`${inARow + again} calls in a row failed`));
  return null;
}

function onTrial(
  breaker: Breaker,
  { failures, successes }: BreakerCounts,
  seconds: number,
): BreakerMove | BreakerQuestion | null {
  const { trialsToClose, fewTrialsToClose, fewTrialsAfterSeconds, failedTrialsToOpen } = BREAKER;
  const open = (reason: string) => openAgain(breaker, reason, 0);
  if (failures >= failedTrialsToOpen && failures > successes) return open(`${failures} trial calls failed`);
  const enough = seconds >= fewTrialsAfterSeconds ? fewTrialsToClose : trialsToClose;
  if (successes >= enough) return { to: 'closed', reason: `${successes} trial calls succeeded` };
  return failures > 0 ? questionOf(open('a trial call failed')) : null;
}

/** Whether to open at all; by default only for an account that is not healthy. */
function questionOf(
  { reason, coolDownSeconds }: Opening,
  otherwise: Partial<Pick<BreakerQuestion, 'ifWell' | 'ifUnasked'>> = {},
): BreakerQuestion {
  return { ask: true, why: reason, coolDownSeconds, ifWell: null, ifUnasked: null, ...otherwise };
}
