import type { AttemptEnd } from '@carillon/core/notification/attempt-end';
import { addressOf, type Compose, composeFor } from '@carillon/core/notification/compose';
import { type FactLookups, judgeBy } from '@carillon/core/notification/judge';
import type { Message } from '@carillon/core/notification/message';
import type { CategoryRule } from '@carillon/core/recipient/preferences';
import { addressHashes } from '@carillon/core/recipient/suppression';
import { isTransient } from '@carillon/db/connection/sql-state';
import type { Claimed, Step } from './claimed.ts';
import type { DeliveryContext } from './context.ts';

/** PostgreSQL did not answer: the claim is given back and retried, because without an answer nothing may be sent. */
const BLIND_RETRY_MS = 2000;

/**
 * The guard step, before a provider is involved: gathers the facts about the person, and judges (core/judge). Cancels,
 * states and the first check of `expires_at` are in the claim itself, in the statement that takes the lease, which also
 * returns preferences. The queries here are one batched statement for suppressions, and one transaction for the few
 * people with caps. A delivery that waits afterwards is judged once more (last-look.ts).
 */
export async function guard(ctx: DeliveryContext, claimed: Claimed): Promise<Step<{ compose: Compose }>> {
  const compose = composeFor(claimed);
  try {
    await ctx.settings.upTo(claimed.settings_version);
    const facts = {
      preferences: claimed.preferences,
      category: ruleOf(ctx, claimed),
      address: compose ? 'usable' : 'none',
    } as const;
    const judgement = await judgeBy(claimed, facts, ctx.clock.now, {
      // Whatever the message contains, it goes to this address.
      suppression: () => suppressionOf(ctx, claimed, compose!({})),
      cap: (caps) => takeCap(ctx, claimed, caps),
    });
    return judgement.verdict === 'send' ? { ok: true, compose: compose! } : { ok: false, end: judgement.end };
  } catch (error) {
    // Errors that would repeat are for `deliver` to handle.
    if (!isTransient(error)) throw error;
    ctx.onError(error, claimed.id);
    const reason = 'settings, suppressions and caps could not be looked up';
    const end: AttemptEnd = { kind: 'unsent', retryInMs: BLIND_RETRY_MS, reason };
    return { ok: false, end };
  }
}

/** As of the settings version that the claim, or the last look, asked for. */
export function ruleOf(
  { categories }: DeliveryContext,
  { app_id, environment, category }: Claimed,
): CategoryRule {
  return categories.settingsFor(app_id, environment, category);
}

async function suppressionOf({ groups }: DeliveryContext, claimed: Claimed, addressed: Message) {
  const { app_id: appId, environment, channel } = claimed;
  const hashes = addressHashes(appId, channel, addressOf(addressed));
  const reasons = await Promise.all(
    hashes.map((hash) => groups.findSuppression({ appId, environment, channel, hash })),
  );
  return reasons.find(Boolean) ?? null;
}

/**
 * Counts the message against the caps that limit it, under the lock of its recipient; returns the cap that is reached.
 */
export const takeCap = (
  { groups }: DeliveryContext,
  claimed: Claimed,
  caps: Parameters<FactLookups['cap']>[0],
): ReturnType<FactLookups['cap']> => {
  const { id, app_id: appId, environment, recipient_id: recipientId, channel, category } = claimed;
  return groups.takeCap({ id, appId, environment, recipientId: recipientId!, channel, category, caps });
};
