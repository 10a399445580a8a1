import type { StopMode } from '../campaign/states.ts';
import type { GuaranteeClass } from '../provider/guarantee.ts';
import { BACKOFF_SECONDS } from './backoff.ts';
import type { DeliveryPolicy } from './delivery-policy.ts';
import type { Priority } from './priority.ts';

/**
 * What to do about an attempt with an unknown outcome: a pure decision over the known facts. The worker's resolver
 * gathers the facts, carries out the decision, and decides again when there are new facts (docs/in-doubt.md, "How a
 * doubt is settled"). All times are milliseconds since the epoch, by one clock (the database's).
 */
export interface Doubt {
  /** Of the account that was called; null when that account is no longer configured. */
  guarantee: GuaranteeClass | null;
  priority: Priority;
  policy: DeliveryPolicy;
  /** How long evidence is waited for; null is the default of the priority. */
  resolveWithinSeconds: number | null;
  now: number;
  /** When the attempt began: its provider cannot have seen its key any earlier. */
  startedAt: number;
  /** When its last call ended in doubt. */
  endedAt: number;
  /** Nothing may be sent from this time on. */
  expiresAt: number | null;
  /** The time from which "not found" is reliable; null where the provider has no lookup. */
  lookupSettlesAt: number | null;
  /**
   * Why the same call must not be repeated now, and until when (null: permanently). Null if it may be repeated.
   */
  obstacle: { why: string; until: number | null } | null;
  /** How often the same call was repeated. */
  repeats: number;
  /** How often this notification was sent again out of a doubt. */
  resends: number;
  /**
   * The call may have been made after the backup that the database was restored from (restore.ts). Then `startedAt` is
   * the moment of the backup and `endedAt` that of the restore.
   */
  restored: boolean;
  /** Nothing of its origin is sent now; null if it may be. */
  stopped: StopMode | null;
  evidence: DoubtEvidence | null;
}

/**
 * Evidence about the doubtful call from an authoritative source. `source` completes "evidence: ..." in the timeline.
 */
export type DoubtEvidence =
  /** A receipt, a lookup or a late answer: the provider has it. The id is null where the evidence names none. */
  | { says: 'accepted'; providerMessageId: string | null; source: string }
  /** The provider's own answer to this very call, found late: it did not take it. */
  | { says: 'refused'; source: string }
  /** A lookup did not find it. Reliable from `lookupSettlesAt` on. */
  | { says: 'absent'; source: string }
  /** The lookup was ambiguous; or another one may help (`askAgain`): the provider did not answer, or it was too early. */
  | { says: 'unknown'; source: string; askAgain?: boolean };

export type DoubtDecision =
  /** The same call, the same key, the same body: a class-A provider answers as it did the first time. */
  | { do: 'repeat'; reason: string }
  | { do: 'look_up' }
  | { do: 'wait'; until: number; reason: string }
  | { do: 'mark_sent'; providerMessageId: string | null; reason: string }
  /** A new attempt. `how` gives the justification: refused, absent, replaced (class C) or policy. */
  | { do: 'send_again'; how: 'refused' | 'absent' | 'replaced' | 'policy'; reason: string }
  /** It stays in doubt until a person or a receipt settles it. */
  | { do: 'hold'; reason: string }
  /** Dead: nothing more is sent. */
  | { do: 'give_up'; code: 'outcome_unknown' | 'expired_in_doubt' | 'expired_unsent'; reason: string };

/**
 * How long evidence is waited for if the category does not say. A one-time password half a minute late is of little
 * use, so its deadline is short; the others can wait for receipts, which take minutes.
 */
export const RESOLVE_WITHIN_SECONDS: Readonly<Record<Priority, number>> = {
  critical: 30,
  normal: 300,
  bulk: 600,
};

/**
 * Resend forgets an idempotency key after 24 hours; the hour of margin covers clock differences, queues and slow calls.
 */
export const KEY_MEMORY_MS = 23 * 3_600_000;

/** How long after a restore a provider is asked that gives no clear answer; then the doubt waits for a person. */
export const RESTORED_PATIENCE_MS = 3_600_000;

/** A doubt that was sent again this often and is in doubt once more waits for a person. */
export const MAX_RESENDS = 5;

/** Receipts and late answers need a moment; where a call can be repeated or replaced there is nothing to wait for. */
export const FIRST_LOOK_MS: Readonly<Record<GuaranteeClass, number>> = { A: 0, B: 2000, C: 0, D: 2000 };

/** How often a doubt of a paused origin is looked at: so much later than its origin it goes on. */
const STOPPED_PAUSE_MS = 30_000;

/** Also used where the account's repeats are spaced: two alternating sentences would fill the timeline. */
export const REPEAT_PAUSE = 'the same call is made again after a pause';

/**
 * How much longer a provider is queried that does not answer, or whose message is too new to tell. A one-time password has
 * expired by then.
 */
const PATIENCE_MS = 300_000;
/**
 * Looks grow apart with the age of a doubt: half of it, within these bounds. Repeats double from the least to the most:
 * an old doubt whose provider has just recovered must not wait that long again because it was throttled once.
 */
const PAUSE_MS = { min: 1000, max: 300_000 } as const;

export function decideDoubt(doubt: Doubt): DoubtDecision {
  const { evidence } = doubt;
  if (evidence?.says === 'accepted') {
    const { providerMessageId, source } = evidence;
    return { do: 'mark_sent', providerMessageId, reason: `it was accepted; evidence: ${source}` };
  }
  const decision =
    evidence?.says === 'refused'
      ? sendAgain(doubt, 'refused', `certainly not accepted; evidence: ${evidence.source}`)
      : (repeatDecision(doubt) ?? lookupDecision(doubt) ?? replaceDecision(doubt) ?? policyDecision(doubt));
  return doubt.stopped !== null && (decision.do === 'repeat' || decision.do === 'send_again')
    ? insteadOfSending(doubt, doubt.stopped)
    : decision;
}

/** Nothing of a stopped origin is sent, not even the same call once more: it may be the first that arrives. */
function insteadOfSending({ now }: Doubt, stopped: StopMode): DoubtDecision {
  return stopped === 'paused'
    ? { do: 'wait', until: now + STOPPED_PAUSE_MS, reason: 'its campaign is paused' }
    : { do: 'hold', reason: 'its campaign was cancelled: it waits for evidence or a person' };
}

/**
 * When the doubt is left to its policy. A conclusive lookup is waited for, and so, for a while, is a provider that
 * cannot be queried: a send through it would probably fail too; and one that has a message too new to tell. Not under
 * at_least_once.
 */
export function deadlineOf(doubt: Doubt): number {
  const { policy, priority, startedAt, lookupSettlesAt, evidence } = doubt;
  const seconds = doubt.resolveWithinSeconds ?? RESOLVE_WITHIN_SECONDS[priority];
  const deadline = startedAt + seconds * 1000;
  if (lookupSettlesAt === null || policy === 'at_least_once') return deadline;
  const askAgain = evidence?.says === 'unknown' && evidence.askAgain === true;
  return Math.max(deadline, lookupSettlesAt) + (askAgain ? PATIENCE_MS : 0);
}

/**
 * Class A. Each repeat can settle the doubt and none can send twice, so the deadline ends them only under
 * at_least_once.
 */
function repeatDecision(doubt: Doubt): DoubtDecision | null {
  const { guarantee, policy, now, startedAt, endedAt, repeats, obstacle, restored } = doubt;
  if (guarantee !== 'A' || isExpired(doubt) || now - startedAt >= KEY_MEMORY_MS) return null;
  if (policy === 'at_least_once' && now >= deadlineOf(doubt) && !restored) return null;
  if (obstacle !== null) {
    const { why, until } = obstacle;
    return until === null ? null : { do: 'wait', until: Math.max(until, now + PAUSE_MS.min), reason: why };
  }
  const due = repeats === 0 ? now : endedAt + repeatPauseMs(repeats);
  if (now < due) return { do: 'wait', until: due, reason: REPEAT_PAUSE };
  return {
    do: 'repeat',
    reason: 'the same call is made again under its key: the provider cannot send it twice',
  };
}

/**
 * How long a doubt waits after a repeat.
 *
 * @param repeats how often its call was made again, from 1.
 */
export function repeatPauseMs(repeats: number): number {
  return Math.min(PAUSE_MS.max, PAUSE_MS.min * 2 ** (repeats - 1));
}

/** Class B with a lookup. */
function lookupDecision(doubt: Doubt): DoubtDecision | null {
  const { guarantee, lookupSettlesAt, evidence, now, policy } = doubt;
  if (guarantee !== 'B' || lookupSettlesAt === null) return null;
  if (evidence === null) return { do: 'look_up' };
  if (evidence.says !== 'absent' || now < lookupSettlesAt) return null;
  // Not found does not prove that it was never accepted: at_most_once does not send because of it.
  if (policy === 'at_most_once') return null;
  return sendAgain(doubt, 'absent', `not accepted; evidence: ${evidence.source}`);
}

/** Class C. The copy replaces the first on the device; a call that stays doubtful is spaced out like a failing one. */
function replaceDecision(doubt: Doubt): DoubtDecision | null {
  const { guarantee, policy, priority, now, endedAt, resends, restored } = doubt;
  if (guarantee !== 'C' || isExpired(doubt) || policy === 'at_most_once' || policy === 'ask') return null;
  // The first copy may be hours old and dismissed: a second one would alert the person again.
  if (restored) return null;
  const pauseSeconds = resends === 0 ? 0 : (BACKOFF_SECONDS[priority][resends - 1] ?? 0);
  const due = endedAt + pauseSeconds * 1000;
  if (now < due) return { do: 'wait', until: due, reason: 'it is sent again after a pause' };
  return sendAgain(doubt, 'replaced', 'sent again at once: a second copy replaces the first on the device');
}

/** No evidence: wait for some until the deadline, then do what the category says. */
function policyDecision(doubt: Doubt): DoubtDecision {
  const { policy, priority, now, evidence, obstacle } = doubt;
  const known = evidence?.source ?? obstacle?.why;
  const soFar = known === undefined ? '' : `; so far: ${known}`;
  if (doubt.restored) return restoredDecision(doubt, soFar);
  if (now < deadlineOf(doubt))
    return { do: 'wait', until: nextLook(doubt), reason: `evidence is waited for${soFar}` };
  if (policy === 'ask')
    return { do: 'hold', reason: `no evidence in time: it waits for a person, as its category asks${soFar}` };
  if (policy === 'at_most_once') {
    const why = 'no evidence in time: it may have arrived, and its category is never to send twice';
    return { do: 'give_up', code: 'outcome_unknown', reason: `${why}${soFar}` };
  }
  if (isExpired(doubt)) {
    const why = 'no evidence in time: it may have arrived, and expires_at has passed';
    return { do: 'give_up', code: 'expired_in_doubt', reason: `${why}${soFar}` };
  }
  if (policy === 'at_least_once' || priority === 'critical') {
    const who = policy === 'at_least_once' ? 'its category is rather sent twice than not' : 'it is critical';
    return sendAgain(doubt, 'policy', `no evidence in time: ${who}, so it may arrive twice${soFar}`);
  }
  return { do: 'hold', reason: `no evidence in time: it waits for a person${soFar}` };
}

/**
 * After a restore no policy sends: it was chosen for single lost calls, and here every open message is in doubt at once.
 * A person decides, knowing what was restored.
 */
function restoredDecision(doubt: Doubt, soFar: string): DoubtDecision {
  const { now, endedAt, lookupSettlesAt, evidence, policy } = doubt;
  const isUnsettled = lookupSettlesAt !== null && now < lookupSettlesAt;
  const isUnclear = evidence?.says === 'unknown' && lookupSettlesAt !== null;
  if (isUnsettled || (isUnclear && now < endedAt + RESTORED_PATIENCE_MS))
    return { do: 'wait', until: nextLook(doubt), reason: `evidence is waited for${soFar}` };
  const why = 'it may have been sent between the backup and the restore, and nothing proves either';
  return isExpired(doubt) && policy !== 'ask'
    ? { do: 'give_up', code: 'expired_in_doubt', reason: `${why}; expires_at has passed${soFar}` }
    : { do: 'hold', reason: `${why}: it waits for a person${soFar}` };
}

function sendAgain(
  doubt: Doubt,
  how: Extract<DoubtDecision, { do: 'send_again' }>['how'],
  reason: string,
): DoubtDecision {
  if (isExpired(doubt))
    return { do: 'give_up', code: 'expired_unsent', reason: `${reason}; expires_at has passed` };
  if (doubt.resends >= MAX_RESENDS) {
    const why = `sent again ${doubt.resends} times and in doubt each time: it waits for a person`;
    return { do: 'hold', reason: `${why} (${reason})` };
  }
  return { do: 'send_again', how, reason };
}

function isExpired({ expiresAt, now }: Doubt): boolean {
  return expiresAt !== null && expiresAt <= now;
}

/** After a pause, but never past one of the times at which the decision changes. */
function nextLook(doubt: Doubt): number {
  const { now, startedAt, endedAt, lookupSettlesAt, restored } = doubt;
  const pause = pauseAt(now - (restored ? endedAt : startedAt));
  const turns = [deadlineOf(doubt), lookupSettlesAt ?? 0].filter((at) => at > now);
  return Math.min(now + pause, ...turns);
}

function pauseAt(ageMs: number): number {
  return Math.min(PAUSE_MS.max, Math.max(PAUSE_MS.min, ageMs / 2));
}
