import { capsOn, describeCap } from '@carillon/core/caps';
import { groupCommit } from '@carillon/core/group-commit';
import type { Message } from '@carillon/core/message';
import { isOwed, optedOut } from '@carillon/core/preferences';
import { quietUntil } from '@carillon/core/quiet-hours';
import { addressHash } from '@carillon/core/suppression';
import { findSuppressions, type SuspectAddress } from '@carillon/db/queries/find-suppressions';
import { type CapAsk, takeCaps } from '@carillon/db/queries/take-caps';
import type { Sql } from 'postgres';
import { CHANNEL_RULES } from '../channels/channel.ts';
import { addressOf } from './address-of.ts';
import type { AttemptEnd, Claimed, Steps } from './steps.ts';

export interface GuardOptions {
  sql: Sql;
  onError(error: unknown): void;
  now?(): number;
}

/** A claim may come this much before its time (claim-notifications.ts): a hold ends this much after quiet hours do. */
const EARLY_CLAIM_MS = 250;

/** PostgreSQL did not answer: the claim is given back and looks again, for without an answer nothing may be sent. */
const BLIND_RETRY_MS = 2000;

/**
 * The guard step, the last look before a provider is involved: too late? nowhere to send it? not wanted? Cancels, states
 * and the first look at `expires_at` are in the claim itself, in the statement that takes the lease; preferences came
 * with it. What is asked here costs one batched statement for suppressions, and one transaction for the few people with
 * caps.
 *
 * What ends a notification is said before what only holds it, and a cap is counted last, when nothing else stands in
 * the way. A channel's opt-out and a suppression are of one address: the next channel of the route may be welcome. A
 * category, quiet hours and caps are of the person.
 */
export function createGuard({ sql, onError, now = Date.now }: GuardOptions): Steps['guard'] {
  const suppressionOf = groupCommit((addresses: SuspectAddress[]) => findSuppressions(sql, addresses), {
    maxGroup: 250,
    maxInFlight: 2,
  });
  const refusingCap = groupCommit((asks: CapAsk[]) => takeCaps(sql, asks), { maxGroup: 250, maxInFlight: 1 });

  const suppressed = async (claimed: Claimed, message: Message): Promise<AttemptEnd | null> => {
    const { app_id: appId, environment, channel } = claimed;
    const hash = addressHash(appId, channel, addressOf(message));
    const reason = await suppressionOf({ appId, environment, channel, hash });
    if (!reason) return null;
    return {
      kind: 'unwanted',
      state: 'suppressed',
      reason: `the ${channel} address is suppressed (${reason})`,
      onlyHere: true,
    };
  };

  const capped = async (claimed: Claimed): Promise<AttemptEnd | null> => {
    const { id, app_id: appId, environment, recipient_id: recipientId, channel, category } = claimed;
    if (!recipientId || isOwed(claimed)) return null;
    const caps = capsOn(claimed.preferences?.caps ?? [], claimed);
    if (caps.length === 0) return null;
    const cap = await refusingCap({ id, appId, environment, recipientId, channel, category, caps });
    if (!cap) return null;
    return {
      kind: 'unwanted',
      state: 'skipped',
      reason: `the recipient's cap is reached: ${describeCap(cap)}`,
    };
  };

  return async (claimed) => {
    const compose = CHANNEL_RULES[claimed.channel](claimed);
    try {
      const refused = tooLate(claimed, now()) ?? unwanted(claimed);
      if (refused) return { ok: false, end: refused };
      if (!compose) return { ok: false, end: unreachable(claimed) };
      // Whatever it will say, it goes to this address.
      const addressed = compose({});
      const end = (await suppressed(claimed, addressed)) ?? quiet(claimed, now()) ?? (await capped(claimed));
      return end ? { ok: false, end } : { ok: true, compose };
    } catch (error) {
      onError(error);
      const reason = 'suppressions and caps could not be looked up';
      return { ok: false, end: { kind: 'unsent', retryInMs: BLIND_RETRY_MS, reason } };
    }
  };
}

function tooLate({ expires_at }: Claimed, nowMs: number): AttemptEnd | null {
  return expires_at && expires_at.getTime() <= nowMs ? { kind: 'too_late' } : null;
}

function unreachable({ channel }: Claimed): AttemptEnd {
  return {
    kind: 'impossible',
    code: 'no_contact_point',
    reason: `no usable ${channel} contact point; give the recipient one or send to an address`,
  };
}

function unwanted(claimed: Claimed): AttemptEnd | null {
  const { preferences, channel, category } = claimed;
  switch (preferences && optedOut(preferences, claimed)) {
    case 'channel':
      return {
        kind: 'unwanted',
        state: 'skipped',
        reason: `the recipient has opted out of ${channel}`,
        onlyHere: true,
      };
    case 'category':
      return {
        kind: 'unwanted',
        state: 'skipped',
        reason: `the recipient has opted out of the category ${category}`,
      };
    default:
      return null;
  }
}

/** What would only expire while it is held expires at once: whoever waits for its state learns it now. */
function quiet(claimed: Claimed, nowMs: number): AttemptEnd | null {
  const hours = claimed.preferences?.quiet_hours;
  if (!hours || isOwed(claimed)) return null;
  const untilMs = quietUntil(hours, nowMs);
  if (untilMs === null) return null;
  const night = `${hours.start}-${hours.end} ${hours.time_zone}, until ${new Date(untilMs).toISOString()}`;
  if (claimed.expires_at && claimed.expires_at.getTime() <= untilMs)
    return { kind: 'too_late', reason: `expires_at lies within the recipient's quiet hours (${night})` };
  return {
    kind: 'held',
    forMs: untilMs - nowMs + EARLY_CLAIM_MS,
    reason: `the recipient's quiet hours (${night})`,
  };
}
