import type { Case } from './case.ts';
import type { Evidence } from './evidence.ts';
import { providerOf } from './guarantee-of.ts';
import type { Finding } from './rules.ts';

/** A test key reaches no live account, and a live key no test account: not by a first call and not by a repeat. */
export function findWrongEnvironments({ asked, copies }: Case, accounts: Evidence['accounts']): Finding[] {
  return copies
    .filter(({ provider }) => !isFor(provider))
    .map(({ provider }) => ({
      rule: 'wrong_environment' as const,
      id: asked.id,
      why: `asked for with a ${asked.environment} key, and ${provider} has it, which is not for that environment`,
    }));

  function isFor(provider: string): boolean {
    return Object.entries(accounts).some(
      ([account, environments]) =>
        providerOf(account) === provider && environments.includes(asked.environment),
    );
  }
}
