import type { Channel } from '../notification/channel.ts';

/** The contact points of a recipient by which each channel reaches them; the inbox needs none. */
const KINDS: Readonly<Record<Exclude<Channel, 'in_app'>, readonly string[]>> = {
  email: ['email'],
  sms: ['phone'],
  push: ['fcm', 'apns', 'web_push'],
};

/** @param kinds of the contact points that are not disabled. */
export function isReachable(channel: Channel, kinds: readonly string[]): boolean {
  return channel === 'in_app' || KINDS[channel].some((kind) => kinds.includes(kind));
}
