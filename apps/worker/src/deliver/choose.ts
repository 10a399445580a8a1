import type { Channel } from '@carillon/core/channel';
import type { Environment } from '@carillon/core/environment';
import { groupCommit } from '@carillon/core/group-commit';
import { type Assignment, assignProviders } from '@carillon/db/queries/assign-providers';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { Admission, Breakers } from '../breaker/breakers.ts';
import type { AbleAccounts } from './able-accounts.ts';
import type { AttemptEnd, Claimed, Steps } from './steps.ts';

export interface ChooseOptions {
  sql: Sql;
  ableAccounts: AbleAccounts;
  breakers: Pick<Breakers, 'admits'>;
  /** Told of the choices that stand for those to come, so that the next claims can name the account at once. */
  onChosen(account: ProviderAccount, environment: Environment): void;
  random?(): number;
}

/** A missing account is the operator's mistake, not the message's: it waits, visibly, until there is one. */
const NO_ACCOUNT_RETRY_MS = 60_000;
/** Those that wait for the same probe must not all come back at once. */
const JITTER_MS = 1000;

/**
 * The choose step: the first account, in order, that can carry the message, was not tried in this round and whose
 * breaker lets it through. Where breakers leave none, the message waits at no cost; a critical one goes on to the next
 * channel of its route at once.
 */
export function createChoose({
  sql,
  ableAccounts,
  breakers,
  onChosen,
  random = Math.random,
}: ChooseOptions): Steps['choose'] {
  const assign = groupCommit(
    async (assignments: Assignment[]) => {
      const held = await assignProviders(sql, assignments);
      return assignments.map(({ id }) => held.has(id));
    },
    { maxGroup: 250, maxInFlight: 2 },
  );

  return async (claimed, message) => {
    const able = ableAccounts(claimed, message);
    if (able.length === 0) {
      const reason = `no ${claimed.environment} provider account can carry this ${claimed.channel} message`;
      return { ok: false, end: { kind: 'unsent', retryInMs: NO_ACCOUNT_RETRY_MS, reason } };
    }
    const { account, isTrial, refusals } = pick(inTurn(able, claimed.tried), claimed.id);
    if (!account) return { ok: false, end: withoutAccount(claimed, refusals, random()) };
    // A trial is one call now and then: the next claims had better name the account that has the rest.
    if (!isTrial && !claimed.tried) onChosen(account, claimed.environment);
    if (account.id !== claimed.expectedProvider) {
      const { id, attempt_count: n, leaseToken } = claimed;
      const stillOurs = await assign({ id, n, leaseToken, provider: account.id });
      if (!stillOurs)
        return {
          ok: false,
          end: { kind: 'unsent', retryInMs: 1000, reason: 'the lease was lost before sending' },
        };
    }
    return { ok: true, account };
  };

  function pick(accounts: readonly ProviderAccount[], notification: string): Picked {
    const refusals: Refusal[] = [];
    for (const account of accounts) {
      const admission = breakers.admits(account.id, notification);
      if (admission.admitted) return { account, isTrial: admission.isTrial, refusals };
      refusals.push(admission);
    }
    return { account: undefined, isTrial: false, refusals };
  }
}

type Refusal = Extract<Admission, { admitted: false }>;

interface Picked {
  account: ProviderAccount | undefined;
  isTrial: boolean;
  refusals: readonly Refusal[];
}

/**
 * Those not tried in this round first. One that was tried is asked again only when a breaker has meanwhile closed off the
 * others: that ends the round (ending.ts).
 */
function inTurn(
  able: readonly ProviderAccount[],
  tried: readonly string[] | null,
): readonly ProviderAccount[] {
  if (!tried) return able;
  return [...able.filter(({ id }) => !tried.includes(id)), ...able.filter(({ id }) => tried.includes(id))];
}

function withoutAccount(claimed: Claimed, refusals: readonly Refusal[], random: number): AttemptEnd {
  const reason = refusals.map(({ why }) => why).join('; ');
  const next: Channel | undefined = claimed.route[claimed.route.indexOf(claimed.channel) + 1];
  const allOpen = refusals.every(({ state }) => state === 'open');
  if (claimed.priority === 'critical' && allOpen && next)
    return { kind: 'elsewhere', nextChannel: next, reason };
  const retryInMs = Math.min(...refusals.map((refusal) => refusal.retryInMs)) + random * JITTER_MS;
  return { kind: 'unsent', retryInMs, reason: `waits: ${reason}` };
}
