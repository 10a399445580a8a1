import { hash } from 'node:crypto';
import type { Environment } from './environment.ts';
import { framed } from './ids.ts';

/**
 * What stands for a recipient who was erased: the same for all that is left of them, so that counts per person survive,
 * and nobody who does not know the id can read it off. Who knows it can make this again: pseudonymous, not anonymous.
 */
export function erasedId(appId: string, environment: Environment, recipientId: string): string {
  return `erased_${hash('sha256', framed(appId, environment, recipientId), 'hex').slice(0, 32)}`;
}
