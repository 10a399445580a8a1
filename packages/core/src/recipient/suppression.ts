import { hash } from 'node:crypto';
import type { Channel } from '../notification/channel.ts';
import { framed } from '../text/ids.ts';
import { canonicalEmail } from './email-address.ts';
import { canonicalPhone } from './phone-number.ts';
import { canonicalApnsToken } from './push-address.ts';

/** Why an address gets no more messages. */
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
 * The key of an address in the suppression list: SHA-256 over app id, channel and the canonical address, so that the
 * list survives the erasure of a person without naming them.
 *
 * Not keyed with a secret: API and workers would have to share it and never change it, and losing it would un-suppress
 * all addresses. Anyone with the list can therefore test a known address, or try all phone numbers: treat it as
 * pseudonymous, not as anonymous.
 */
export function addressHash(appId: string, channel: Channel, address: string): Buffer {
  return hashOf(appId, channel, normalizeAddress(channel, address));
}

/**
 * The canonical spelling of an address, in which addresses of requests, receipts and stored rows are compared. E-mail
 * in lower case, local part too: RFC 5321 allows two mailboxes that differ only in case, but they do not occur in
 * practice. Phone numbers in E.164, without a trunk prefix; APNs tokens in lower case; other tokens, endpoints and
 * recipient ids as they are. A text without such a form (a receipt may contain anything) is unchanged.
 */
export function normalizeAddress(channel: Channel, address: string): string {
  const canonical = canonicalAddress(channel, address);
  return channel === 'email' ? canonical.toLowerCase() : canonical;
}

/** The form in which an address is stored: as `normalizeAddress`, but the local part keeps its case. */
export function canonicalAddress(channel: Channel, address: string): string {
  if (channel === 'email') return canonicalEmail(address) ?? address;
  if (channel === 'sms') return canonicalPhone(address) ?? address;
  return channel === 'push' ? (canonicalApnsToken(address) ?? address) : address;
}

/**
 * The possible hashes of an address in the list: that of its canonical spelling and, for an address stored in another
 * spelling (by a release without the canonical one), that of the stored text.
 */
export function addressHashes(appId: string, channel: Channel, address: string): Buffer[] {
  const given = channel === 'email' ? address.toLowerCase() : address;
  const one = addressHash(appId, channel, address);
  return given === normalizeAddress(channel, address) ? [one] : [one, hashOf(appId, channel, given)];
}

function hashOf(appId: string, channel: Channel, address: string): Buffer {
  return hash('sha256', framed(appId, channel, address), 'buffer');
}
