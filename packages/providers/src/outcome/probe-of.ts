import type { Probe } from '../contract.ts';
import type { HttpResult } from '../http/http-client.ts';
import { failureOutcome } from './call-failure.ts';

/**
 * What the answer to a probe says about an account: healthy only for a 2xx, or a status that only a working account
 * gets.
 *
 * @param name display name, e.g. `SendGrid`.
 */
export function probeOf(name: string, result: HttpResult, alsoHealthy: readonly number[] = []): Probe {
  if (result.phase !== 'answered') {
    const { code } = failureOutcome(name, result.error, result.phase);
    return { healthy: false, why: `${name} did not answer (${code})` };
  }
  const { status } = result;
  if ((status >= 200 && status < 300) || alsoHealthy.includes(status)) return { healthy: true };
  return { healthy: false, why: `${name} answered HTTP ${result.status}` };
}
