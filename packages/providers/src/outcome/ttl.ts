import type { Call } from '../contract.ts';

type Expiring = Pick<Call, 'expiresAt' | 'now'>;

const nowOf = ({ now = Date.now }: Expiring): number => now();

/**
 * How long a provider may keep a message for an offline device: an expired one-time password must not arrive late.
 * Never longer than the account says, never past the notification's own expiry.
 *
 * @param atMostSeconds what the account or the provider allows.
 * @returns whole seconds, at least `atLeastSeconds` (for a provider that does not accept 0).
 */
export function remainingTtlSeconds(call: Expiring, atMostSeconds: number, atLeastSeconds = 0): number {
  if (call.expiresAt === undefined) return atMostSeconds;
  const left = Math.floor((call.expiresAt.getTime() - nowOf(call)) / 1000);
  return Math.max(Math.min(atMostSeconds, left), atLeastSeconds);
}

/** The Unix time in seconds, as text, that many seconds ahead. */
export function secondsAhead(call: Expiring, seconds: number): string {
  return String(Math.floor(nowOf(call) / 1000) + seconds);
}
