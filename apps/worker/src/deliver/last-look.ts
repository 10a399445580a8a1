import type { StopMode } from '@carillon/core/campaign/states';
import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { addressOf, isStillTheirs } from '@carillon/core/notification/compose';
import { type Facts, judgeBy } from '@carillon/core/notification/judge';
import type { Message } from '@carillon/core/notification/message';
import { addressHashes } from '@carillon/core/recipient/suppression';
import type { WishesRow } from '@carillon/db/preferences/read-wishes';
import type { Claimed } from './claimed.ts';
import type { DeliveryContext } from './context.ts';
import { ruleOf, takeCap } from './guard.ts';

export interface LastLook {
  /** How the attempt ends instead of the call; null if the call may be written. */
  end: AttemptEnd | null;
  /** The monotonic time, in ms, at which this answer held. */
  asOf: number;
}

const BLIND: AttemptEnd = {
  kind: 'unsent',
  retryInMs: 2000,
  reason: "the recipient's wishes could not be looked up again",
};
const NOT_OURS: AttemptEnd = { kind: 'unsent', retryInMs: 1000, reason: 'the lease was lost before sending' };

/** The claim that follows finds the stop, and parks or cancels it. */
const stoppedBy = (mode: StopMode): AttemptEnd => ({
  kind: 'unsent',
  retryInMs: 0,
  reason: `its campaign was ${mode}`,
  originStopped: true,
});

/**
 * Repeats the guard's judgement for a call that waited between the claim and its first byte: for a connection, a
 * permit, a file. An opt-out, a suppression, an erasure, a removed address, a disabled account or a stopped campaign that
 * was confirmed meanwhile applies to it. Never rejects: without an answer nothing is sent, and the claim is given back.
 */
export async function lookOnceMore(
  ctx: DeliveryContext,
  claimed: Claimed,
  message: Message,
): Promise<LastLook> {
  const { clock, groups, settings } = ctx;
  const askedAt = performance.now();
  try {
    const { id, leaseToken, app_id: appId, channel } = claimed;
    const hashes = addressHashes(appId, channel, addressOf(message));
    const { row, sentAt } = await groups.readWishes({ id, leaseToken, channel, hashes });
    if (!row?.ours) return { end: NOT_OURS, asOf: askedAt };
    if (row.stopped !== null) return { end: stoppedBy(row.stopped), asOf: askedAt };
    const fresh: Claimed = { ...claimed, ...wishesIn(row) };
    const asOf = clock.notBefore(sentAt, row.now);
    await settings.upTo(row.settings_version);
    const judgement = await judgeBy(
      fresh,
      { ...factsOf(claimed, fresh, row, message), category: ruleOf(ctx, fresh) },
      clock.now,
      {
        suppression: async () => row.suppression,
        cap: (caps) => takeCap(ctx, fresh, caps),
      },
    );
    return { end: judgement.verdict === 'refuse' ? judgement.end : null, asOf };
  } catch (error) {
    ctx.onError(error, claimed.id);
    return { end: BLIND, asOf: askedAt };
  }
}

const wishesIn = ({ contact_points, preferences, expires_at, settings_version, now }: WishesRow) => ({
  contact_points,
  preferences,
  expires_at,
  settings_version,
  now,
});

function factsOf(claimed: Claimed, fresh: Claimed, row: WishesRow, message: Message): Facts {
  const hasOthers = (fresh.contact_points ?? []).length > 0;
  return {
    preferences: fresh.preferences,
    address: isStillTheirs(fresh, message) ? 'usable' : hasOthers ? 'moved' : 'none',
    // An erasure replaces the recipient's id by a hash.
    erased: row.recipient_id !== claimed.recipient_id,
    suppression: row.suppression,
    ...(hasOtherCaps(claimed, fresh) ? {} : { cap: null }),
  };
}

/** A message already counted against a cap at the claim is not counted twice. */
function hasOtherCaps({ preferences: before }: Claimed, { preferences: after }: Claimed): boolean {
  return JSON.stringify(before?.caps ?? []) !== JSON.stringify(after?.caps ?? []);
}
