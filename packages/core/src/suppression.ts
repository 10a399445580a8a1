import { hash } from 'node:crypto';
import type { Channel } from './channel.ts';
import { framed } from './ids.ts';

/** Why an address is not written to any more. */
export const SUPPRESSION_REASONS = [
  'bounce',
  'complaint',
  'stop',
  'unsubscribe',
  'manual',
  'erased',
] as const;
export type SuppressionReason = (typeof SUPPRESSION_REASONS)[number];

/**
 * What stands for an address in the list of suppressions: SHA-256 over app id, channel and the address in its one
 * spelling, so that the list outlives the erasure of a person without naming them.
 *
 * Not keyed with a secret: API and workers would have to share it and never change it, and losing it would un-suppress
 * everybody. Who has the list can therefore test an address they know, or try out all phone numbers: treat it as
 * pseudonymous, not as anonymous.
 */
export function addressHash(appId: string, channel: Channel, address: string): Buffer {
  return hash('sha256', framed(appId, channel, normalizeAddress(channel, address)), 'buffer');
}

/**
 * The one spelling of an address. E-mail in lower case, local part too: RFC 5321 allows two mailboxes that differ only
 * in case, nobody has them. Phone numbers are E.164 already; device tokens, endpoints and recipient ids stay as they are.
 */
export function normalizeAddress(channel: Channel, address: string): string {
  return channel === 'email' ? address.toLowerCase() : address;
}
