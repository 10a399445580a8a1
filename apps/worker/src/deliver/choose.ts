import type { Channel } from '@carillon/core/channel';
import type { Environment } from '@carillon/core/environment';
import { groupCommit } from '@carillon/core/group-commit';
import { type Assignment, assignProviders } from '@carillon/db/queries/assign-providers';
import type { ProviderAccount } from '@carillon/providers/contract';
import type { Sql } from 'postgres';
import type { Steps } from './steps.ts';

export interface ChooseOptions {
  sql: Sql;
  /** The accounts of a channel in an environment, in the order in which they are tried. */
  accountsOf(channel: Channel, environment: Environment): readonly ProviderAccount[];
  /** Told of every choice, so that the next claims can name the account at once. */
  onChosen(account: ProviderAccount): void;
}

/** A missing account is the operator's mistake, not the message's: it waits, visibly, until there is one. */
const NO_ACCOUNT_RETRY_MS = 60_000;

/** The choose step: the first account, in order, that can carry the message. */
export function createChoose({ sql, accountsOf, onChosen }: ChooseOptions): Steps['choose'] {
  const assign = groupCommit(
    async (assignments: Assignment[]) => {
      const held = await assignProviders(sql, assignments);
      return assignments.map(({ id }) => held.has(id));
    },
    { maxGroup: 250, maxInFlight: 2 },
  );

  return async (claimed, message) => {
    const account = accountsOf(claimed.channel, claimed.environment).find((each) =>
      each.adapter.serves(message),
    );
    if (!account) {
      const reason = `no ${claimed.environment} provider account can carry this ${claimed.channel} message`;
      return { ok: false, end: { kind: 'unsent', retryInMs: NO_ACCOUNT_RETRY_MS, reason } };
    }
    onChosen(account);
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
}
