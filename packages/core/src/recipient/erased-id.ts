import { hash } from 'node:crypto';
import type { Environment } from '../notification/environment.ts';
import { framed } from '../text/ids.ts';

/**
 * The replacement id of an erased recipient: the same in all remaining rows, so that counts per person survive, and the
 * original id cannot be derived from it. Anyone who knows the id can compute it again: pseudonymous, not anonymous.
 */
export function erasedId(appId: string, environment: Environment, recipientId: string): string {
  return `erased_${hash('sha256', framed(appId, environment, recipientId), 'hex').slice(0, 32)}`;
}
