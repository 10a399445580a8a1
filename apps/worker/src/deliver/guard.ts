import { CHANNEL_RULES } from '../channels/channel.ts';
import type { Steps } from './steps.ts';

/**
 * The last look before a provider is involved: too late? nowhere to send it? Cancels, states and the first look at
 * `expires_at` are in the claim itself, in the same statement that takes the lease.
 */
export const guard: Steps['guard'] = async (claimed) => {
  if (claimed.expires_at && claimed.expires_at.getTime() <= Date.now())
    return { ok: false, end: { kind: 'too_late' } };
  const compose = CHANNEL_RULES[claimed.channel](claimed);
  if (compose) return { ok: true, compose };
  return {
    ok: false,
    end: {
      kind: 'impossible',
      code: 'no_contact_point',
      reason: `no usable ${claimed.channel} contact point; give the recipient one or send to an address`,
    },
  };
};
