import { failureOutcome } from './call-failure.ts';
import type { Probe } from './contract.ts';
import type { HttpResult } from './http-client.ts';

/**
 * What the answer to a probe says of an account: only a 2xx is health, or a status of which the caller knows that only a
 * working account gets it.
 *
 * @param name for people, e.g. `SendGrid`.
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
