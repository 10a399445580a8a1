import {
  type Cap,
  type CategoryRule,
  isOwed,
  NO_PREFERENCES,
  optedOut,
  type Preferences,
} from '../recipient/preferences.ts';
import { quietUntil } from '../recipient/quiet-hours.ts';
import type { SuppressionReason } from '../recipient/suppression.ts';
import type { Called, Uncalled } from './attempt-end.ts';
import { capsOn, describeCap } from './caps.ts';
import type { Channel } from './channel.ts';
import type { Priority } from './priority.ts';

/** The fields of a notification that are judged; named as its columns. */
export interface JudgedMessage {
  channel: Channel;
  category: string | null;
  priority: Priority;
  recipient_id: string | null;
  expires_at: Date | null;
}

/** The known facts about its recipient. A fact that was not looked up yet is undefined. */
export interface Facts {
  preferences: Preferences | null;
  /** What its category says for everybody; left out for one without settings. */
  category?: CategoryRule;
  /** `moved`: there are other addresses, but no longer the one that the message was made for. */
  address: 'usable' | 'none' | 'moved';
  /** The recipient was erased since the message was claimed. */
  erased?: boolean;
  /** Why the address is suppressed; null if it is not. */
  suppression?: SuppressionReason | null;
  /** The cap that is reached; null if none is, or the message counts already. */
  cap?: Cap | null;
}

export type RefusalCode =
  | 'recipient_erased'
  | 'expired'
  | 'channel_opted_out'
  | 'category_opted_out'
  | 'no_contact_point'
  | 'address_changed'
  | 'address_suppressed'
  | 'expires_in_quiet_hours'
  | 'quiet_hours'
  | 'cap_reached';

export type Judgement =
  | { verdict: 'send' }
  /** How the attempt ends instead of a call. */
  | { verdict: 'refuse'; code: RefusalCode; end: Refusal }
  /** The decision depends on an unknown fact: look it up and judge again. */
  | { verdict: 'ask'; about: 'suppression' }
  | { verdict: 'ask'; about: 'caps'; caps: readonly Cap[] };

type Refusal = Extract<Called, { kind: 'impossible' }> | Uncalled;

/** A claim may come this much before its time (claim-notifications.ts): a hold ends this much after quiet hours do. */
const EARLY_CLAIM_MS = 250;

/**
 * Pure: what a person's wishes, limits and the time mean for a message. Too late? Unwanted? Nowhere to send it?
 *
 * Reasons that end a notification come before reasons that only hold it. Caps come last, because looking one up may
 * count the message: by then nothing else prevents the send. A channel's opt-out and a suppression concern one address:
 * the next channel of the route may be allowed. A category, quiet hours and caps concern the person.
 *
 * @param now PostgreSQL's time, in milliseconds since the epoch.
 */
export function judge(message: JudgedMessage, facts: Facts, now: number): Judgement {
  if (facts.erased) {
    const reason = 'the recipient was erased before it could be sent';
    return refuse('recipient_erased', { kind: 'too_late', reason });
  }
  if (isTooLate(message, now)) return refuse('expired', { kind: 'too_late' });
  const refusal =
    byOptOut(message, facts) ??
    byAddress(message, facts) ??
    (facts.suppression ? bySuppression(message.channel, facts.suppression) : null);
  if (refusal) return refusal;
  if (facts.suppression === undefined) return { verdict: 'ask', about: 'suppression' };
  return byQuietHours(message, facts, now) ?? byCaps(message, facts);
}

/** Looks up the facts that the judgement turns out to depend on. */
export interface FactLookups {
  suppression(): Promise<SuppressionReason | null>;
  /** @param caps those that limit the message; at least one. @returns the one that is reached. */
  cap(caps: readonly Cap[]): Promise<Cap | null>;
}

/**
 * Judges, and looks up a fact only when everything else permits the send.
 *
 * @param now PostgreSQL's time, in milliseconds since the epoch; read again after each lookup.
 * @throws what a lookup throws.
 */
export async function judgeBy(
  message: JudgedMessage,
  known: Facts,
  now: () => number,
  lookups: FactLookups,
): Promise<Exclude<Judgement, { verdict: 'ask' }>> {
  let facts = known;
  for (;;) {
    const judgement = judge(message, facts, now());
    if (judgement.verdict !== 'ask') return judgement;
    facts =
      judgement.about === 'suppression'
        ? { ...facts, suppression: await lookups.suppression() }
        : { ...facts, cap: await lookups.cap(judgement.caps) };
  }
}

/** @param now PostgreSQL's time, in milliseconds since the epoch. */
export function isTooLate({ expires_at }: Pick<JudgedMessage, 'expires_at'>, now: number): boolean {
  return expires_at !== null && expires_at.getTime() <= now;
}

export function unreachable(channel: Channel): Extract<Called, { kind: 'impossible' }> {
  return {
    kind: 'impossible',
    code: 'no_contact_point',
    reason: `no usable ${channel} contact point; give the recipient one or send to an address`,
  };
}

function refuse(code: RefusalCode, end: Refusal): Judgement {
  return { verdict: 'refuse', code, end };
}

function byOptOut(message: JudgedMessage, { preferences, category: rule }: Facts): Judgement | null {
  const { channel, category } = message;
  const skipped = { kind: 'unwanted', state: 'skipped' } as const;
  // A bare address has nobody who could have opted in.
  const wishes = preferences ?? (message.recipient_id === null ? null : NO_PREFERENCES);
  switch (wishes && optedOut(wishes, message, rule)) {
    case 'channel': {
      const reason = `the recipient has opted out of ${channel}`;
      return refuse('channel_opted_out', { ...skipped, reason, onlyHere: true });
    }
    case 'category': {
      const reason = `the recipient has opted out of the category ${category}`;
      return refuse('category_opted_out', { ...skipped, reason });
    }
    case 'default': {
      const reason = `the category ${category} is off by default and the recipient has not opted in`;
      return refuse('category_opted_out', { ...skipped, reason });
    }
    default:
      return null;
  }
}

function byAddress({ channel }: JudgedMessage, { address }: Facts): Judgement | null {
  if (address === 'usable') return null;
  if (address === 'none') return refuse('no_contact_point', unreachable(channel));
  // Another address of the person may work: the next claim decides.
  const reason = `the ${channel} address was removed or disabled before it could be sent`;
  return refuse('address_changed', { kind: 'unsent', retryInMs: 0, reason });
}

function bySuppression(channel: Channel, why: SuppressionReason): Judgement {
  const reason = `the ${channel} address is suppressed (${why})`;
  const end = { kind: 'unwanted', state: 'suppressed', reason, onlyHere: true } as const;
  return refuse('address_suppressed', end);
}

/** A message that would expire while it is held expires at once, so that its state is known now. */
function byQuietHours(message: JudgedMessage, { preferences }: Facts, now: number): Judgement | null {
  const hours = preferences?.quiet_hours;
  if (!hours || isOwed(message)) return null;
  const untilMs = quietUntil(hours, now);
  if (untilMs === null) return null;
  const night = `${hours.start}-${hours.end} ${hours.time_zone}, until ${new Date(untilMs).toISOString()}`;
  if (isTooLate(message, untilMs)) {
    const reason = `expires_at lies within the recipient's quiet hours (${night})`;
    return refuse('expires_in_quiet_hours', { kind: 'too_late', reason });
  }
  const reason = `the recipient's quiet hours (${night})`;
  return refuse('quiet_hours', { kind: 'held', forMs: untilMs - now + EARLY_CLAIM_MS, reason });
}

function byCaps(message: JudgedMessage, { preferences, cap }: Facts): Judgement {
  if (cap) {
    const reason = `the recipient's cap is reached: ${describeCap(cap)}`;
    return refuse('cap_reached', { kind: 'unwanted', state: 'skipped', reason });
  }
  if (cap === null || message.recipient_id === null || isOwed(message)) return { verdict: 'send' };
  const caps = capsOn(preferences?.caps ?? [], message);
  return caps.length === 0 ? { verdict: 'send' } : { verdict: 'ask', about: 'caps', caps };
}
