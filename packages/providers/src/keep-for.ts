import type { Call } from './contract.ts';

/**
 * How long a provider may keep a message for a device that is away: an expired one-time password must not arrive late
 * either. Never longer than the account says, never past the notification's own expiry.
 *
 * @param atMostSeconds what the account or the provider allows.
 * @returns whole seconds, at least `atLeastSeconds` (a provider that takes no 0).
 */
export function keepForSeconds(
  { expiresAt }: Pick<Call, 'expiresAt'>,
  atMostSeconds: number,
  atLeastSeconds = 0,
  nowMs: number = Date.now(),
): number {
  if (expiresAt === undefined) return atMostSeconds;
  const left = Math.floor((expiresAt.getTime() - nowMs) / 1000);
  return Math.max(Math.min(atMostSeconds, left), atLeastSeconds);
}
