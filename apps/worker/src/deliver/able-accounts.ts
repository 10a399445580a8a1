import type { Message } from '@carillon/core/message';
import type { RegisteredAccount } from '@carillon/providers/registry';
import type { Claimed } from './steps.ts';

/** The accounts that can carry a message, in the order in which they are tried. */
export type AbleAccounts = (claimed: Claimed, message: Message) => readonly RegisteredAccount[];

/**
 * @param accounts in order; looked at anew for every message, because accounts come and go while the process runs.
 * @param random in [0, 1): accounts of the same order are tried in an order drawn by weight.
 */
export function ableAccounts(
  accounts: readonly RegisteredAccount[],
  random: () => number = Math.random,
): AbleAccounts {
  return ({ environment, options }, message) => {
    const able = accounts.filter(
      (account) =>
        account.environments.includes(environment) &&
        servesNumber(account, message) &&
        account.adapter.serves(message) &&
        (options?.account === undefined || options.account === account.id),
    );
    return sharesPlace(able) ? byWeight(able, random) : able;
  };
}

function servesNumber({ prefixes }: RegisteredAccount, message: Message): boolean {
  if (prefixes === undefined || message.channel !== 'sms') return true;
  return prefixes.some((prefix) => message.to.startsWith(prefix));
}

const sharesPlace = (accounts: readonly RegisteredAccount[]): boolean =>
  accounts.some(({ order }, index) => order === accounts[index - 1]?.order);

/** Draws without putting back, within each order (Efraimidis and Spirakis: sort by a random key to the power 1/weight). */
function byWeight(accounts: readonly RegisteredAccount[], random: () => number): RegisteredAccount[] {
  return accounts
    .map((account) => ({ account, key: random() ** (1 / account.weight) }))
    .sort((a, b) => a.account.order - b.account.order || b.key - a.key)
    .map(({ account }) => account);
}
