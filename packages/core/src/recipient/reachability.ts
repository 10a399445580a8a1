import { CHANNELS, type Channel } from '../notification/channel.ts';
import type { ContactPoint } from '../notification/compose.ts';

/** The channel that a kind of contact point serves. */
export const CHANNEL_OF_KIND: Readonly<Record<ContactPoint['kind'], Channel>> = {
  email: 'email',
  phone: 'sms',
  fcm: 'push',
  apns: 'push',
  web_push: 'push',
};

export const REACHABILITY = ['reachable', 'opted_out', 'suppressed', 'disabled', 'no_contact_point'] as const;
/** Whether an ordinary message would be sent to a person by a channel now, or what stands in the way first. */
export type Reachability = (typeof REACHABILITY)[number];

/** A contact point as far as it matters for this. */
export interface PointState {
  kind: ContactPoint['kind'];
  isDisabled: boolean;
  isSuppressed: boolean;
}

/**
 * Pure: by which channels a person can be reached, apart from categories, quiet hours and caps, which depend on the
 * message and the time. One usable contact point is enough. The inbox needs no contact point.
 *
 * @param off the channels that the person has opted out of.
 */
export function reachability(
  points: readonly PointState[],
  off: readonly Channel[],
  isInboxSuppressed: boolean,
): Record<Channel, Reachability> {
  const by = (channel: Channel): Reachability => {
    if (off.includes(channel)) return 'opted_out';
    if (channel === 'in_app') return isInboxSuppressed ? 'suppressed' : 'reachable';
    const own = points.filter(({ kind }) => CHANNEL_OF_KIND[kind] === channel);
    if (own.length === 0) return 'no_contact_point';
    const enabled = own.filter(({ isDisabled }) => !isDisabled);
    if (enabled.length === 0)
      return own.every(({ isSuppressed }) => isSuppressed) ? 'suppressed' : 'disabled';
    return enabled.every(({ isSuppressed }) => isSuppressed) ? 'suppressed' : 'reachable';
  };
  return Object.fromEntries(CHANNELS.map((channel) => [channel, by(channel)])) as Record<
    Channel,
    Reachability
  >;
}
