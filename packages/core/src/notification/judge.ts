import {
  type Cap,
  type CategoryRule,
  decide,
  isOwed,
  NO_PREFERENCES,
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
  | 'category_channel_opted_out'
  | 'no_contact_point'
  | 'address_changed'
  | 'address_suppressed'
  | 'expires_in_quiet_hours'
  | 'quiet_hours'
  | 'expires_in_pause'
  | 'paused'
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
 * count the message: by then nothing else prevents the send. An opt-out of a channel, or of a category by a channel, and
 * a suppression concern one address: the next channel of the route may be allowed. A category, a pause, quiet hours and
 * caps concern the person.
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
  return byHold(message, facts, now) ?? byCaps(message, facts);
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
  const decision = wishes && decide(wishes, message, rule);
  if (!decision || decision.wanted) return null;
  const { by } = decision;
  const here = decision.onlyHere ? ({ onlyHere: true } as const) : {};
  switch (by) {
    case 'channel': {
      const reason = `the recipient has opted out of ${channel}`;
      return refuse('channel_opted_out', { ...skipped, reason, ...here });
    }
    case 'cell': {
      const reason = `the recipient has opted out of the category ${category} by ${channel}`;
      return refuse('category_channel_opted_out', { ...skipped, reason, ...here });
    }
    case 'default': {
      const where = decision.onlyHere ? ` by ${channel}` : '';
      const reason = `the category ${category} is off by default and the recipient has not opted in${where}`;
      return refuse('category_opted_out', { ...skipped, reason, ...here });
    }
    default: {
      const reason = `the recipient has opted out of the category ${category}`;
      return refuse('category_opted_out', { ...skipped, reason });
    }
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

/**
 * Held by a pause, by quiet hours, or by a pause that ends within quiet hours. A message that would expire while it is
 * held expires at once, so that its state is known now.
 */
function byHold(message: JudgedMessage, { preferences }: Facts, now: number): Judgement | null {
  if (!preferences || isOwed(message)) return null;
  const hours = preferences.quiet_hours;
  const pausedUntil = pauseEnd(preferences, now);
  const quietEnd = hours && quietUntil(hours, pausedUntil ?? now);
  const untilMs = quietEnd ?? pausedUntil;
  if (untilMs === null) return null;
  const until = `until ${new Date(untilMs).toISOString()}`;
  const night = hours && `${hours.start}-${hours.end} ${hours.time_zone}, ${until}`;
  const held = { kind: 'held', forMs: untilMs - now + EARLY_CLAIM_MS } as const;
  if (pausedUntil !== null) {
    const pause = quietEnd === null ? until : `and then quiet hours, ${night}`;
    if (!isTooLate(message, untilMs))
      return refuse('paused', { ...held, reason: `the recipient has paused all messages (${pause})` });
    const reason = `expires_at lies before the end of the recipient's pause (${pause})`;
    return refuse('expires_in_pause', { kind: 'too_late', reason });
  }
  if (!isTooLate(message, untilMs))
    return refuse('quiet_hours', { ...held, reason: `the recipient's quiet hours (${night})` });
  const reason = `expires_at lies within the recipient's quiet hours (${night})`;
  return refuse('expires_in_quiet_hours', { kind: 'too_late', reason });
}

/** When a person's pause ends, in milliseconds since the epoch; null if there is none now. */
function pauseEnd({ paused_until }: Preferences, now: number): number | null {
  const endMs = paused_until ? Date.parse(paused_until) : Number.NaN;
  return endMs > now ? endMs : null;
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
