import type { Channel } from '../notification/channel.ts';
import { canonicalAddress } from './suppression.ts';

/**
 * An address as a provider names it, in its normalised form: `Ada <ada@example.test>` becomes ada@example.test, and
 * `whatsapp:+15005550006` the number.
 */
export function bareAddress(channel: Channel, address: string): string {
  if (channel === 'sms') return canonicalAddress(channel, address.replace(/^[a-z]+:/, '').trim());
  return canonicalAddress(channel, (/<([^<>]+)>\s*$/.exec(address)?.[1] ?? address).trim());
}
