import type { Uncalled } from '../notification/attempt-end.ts';
import type { Channel } from '../notification/channel.ts';
import type { Environment } from '../notification/environment.ts';
import type { Message } from '../notification/message.ts';
import type { Priority } from '../notification/priority.ts';
import type { Admission, Refused } from './admission.ts';

/** The fields of a provider account that decide whether and when it is called. */
export interface RankedAccount {
  id: string;
  environments: readonly Environment[];
  /** Lower is called first. */
  order: number;
  /** Accounts of the same order share their messages by weight. */
  weight: number;
  /** SMS: prefixes of the numbers it serves; undefined is all. */
  prefixes?: readonly string[];
  adapter: { serves(message: Message): boolean };
}

/** The fields of a message that decide which accounts may carry it. */
export interface CarriedMessage {
  environment: Environment;
  /** The only account it may go through, if it names one. */
  account?: string | undefined;
  message: Message;
}

/**
 * Pure: the accounts that may carry a message, in the order in which they are called. Those that did not accept it in
 * this round come last: one is called again only if the breakers of the others are open, and that ends the round.
 *
 * @param accounts in order.
 * @param tried ids of those that certainly did not accept it in this round.
 * @param seed the notification's id: accounts of the same order are drawn by weight, always with the same result for
 * one message.
 */
export function rank<A extends RankedAccount>(
  accounts: readonly A[],
  message: CarriedMessage,
  tried: readonly string[] | null,
  seed: string,
): readonly A[] {
  const eligible = accounts.filter((account) => mayCarry(account, message));
  const drawn = sharesPlace(eligible) ? byWeight(eligible, seed) : eligible;
  if (!tried) return drawn;
  return [...drawn.filter(({ id }) => !tried.includes(id)), ...drawn.filter(({ id }) => tried.includes(id))];
}

/** Environment, region, what the adapter serves, and the account that the message names. */
export function mayCarry(account: RankedAccount, { environment, account: pinned, message }: CarriedMessage) {
  return (
    account.environments.includes(environment) &&
    servesNumber(account, message) &&
    account.adapter.serves(message) &&
    (pinned === undefined || pinned === account.id)
  );
}

function servesNumber({ prefixes }: RankedAccount, message: Message): boolean {
  if (prefixes === undefined || message.channel !== 'sms') return true;
  return prefixes.some((prefix) => message.to.startsWith(prefix));
}

const sharesPlace = (accounts: readonly RankedAccount[]): boolean =>
  accounts.some(({ order }, index) => order === accounts[index - 1]?.order);

/**
 * Draws without replacement, within each order (Efraimidis and Spirakis: sort by a random key to the power 1/weight).
 */
function byWeight<A extends RankedAccount>(accounts: readonly A[], seed: string): A[] {
  return accounts
    .map((account) => ({ account, key: drawnFrom(`${seed}/${account.id}`) ** (1 / account.weight) }))
    .sort((a, b) => a.account.order - b.account.order || b.key - a.key)
    .map(({ account }) => account);
}

/**
 * A number in [0, 1) that depends equally on every character: FNV-1a, finished as in MurmurHash3, because in FNV alone
 * the last characters hardly affect the high bits.
 */
function drawnFrom(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++)
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}

/** The first account that may be called now, and the refused ones before it. */
export interface Picked<A> {
  account: A | undefined;
  /** Its breaker is half open. */
  isTrial: boolean;
  refusals: readonly Refused[];
}

/** @param admits called for one account after the other until the first yes: a yes may hold a trial permit. */
export function pick<A extends RankedAccount>(
  ranked: readonly A[],
  admits: (account: A) => Admission,
): Picked<A> {
  const refusals: Refused[] = [];
  for (const account of ranked) {
    const admission = admits(account);
    if (admission.admitted) return { account, isTrial: admission.isTrial, refusals };
    refusals.push(admission);
  }
  return { account: undefined, isTrial: false, refusals };
}

/** A missing account is a configuration error, not the message's: it waits, visibly, until there is one. */
const NO_ACCOUNT_RETRY_MS = 60_000;
/** Messages that wait for the same probe must not all be retried at once. */
const JITTER_MS = 1000;

/**
 * Pure: what happens to a message that no account accepts now. It waits and uses no try; a critical one whose accounts
 * all have open breakers goes to the next channel of its route at once.
 *
 * @param refusals why each eligible account was refused; empty if there is none.
 * @param random in [0, 1).
 */
export function withoutAccount(
  { environment, channel, route, priority }: Waiting,
  refusals: readonly Refused[],
  random: number,
): Uncalled {
  if (refusals.length === 0) {
    const reason = `no ${environment} provider account can carry this ${channel} message`;
    return { kind: 'unsent', retryInMs: NO_ACCOUNT_RETRY_MS, reason };
  }
  const reason = refusals.map(({ why }) => why).join('; ');
  const next = route[route.indexOf(channel) + 1];
  if (priority === 'critical' && next && refusals.every(({ state }) => state === 'open'))
    return { kind: 'elsewhere', nextChannel: next, reason };
  const retryInMs = Math.min(...refusals.map((refusal) => refusal.retryInMs)) + random * JITTER_MS;
  return { kind: 'unsent', retryInMs, reason: `waits: ${reason}` };
}

interface Waiting {
  environment: Environment;
  channel: Channel;
  route: readonly Channel[];
  priority: Priority;
}

/** The alternatives for a message that an account certainly did not accept. */
export interface Fallback {
  /** The next account of this round: one that may carry it, was not tried and whose breaker is not open. */
  nextAccount?: string | undefined;
  /** Every other account that may carry it, including tried ones and those with an open breaker. */
  others?: readonly string[];
  /** Waits before the 2nd, 3rd ... round, in seconds, where the category has its own. */
  schedule?: readonly number[] | undefined;
}

/**
 * Pure: the accounts that are left after one has refused.
 *
 * @param ranked the eligible ones.
 * @param refusing the id of the one that did not accept it.
 */
export function fallbackAfter(
  ranked: readonly { id: string }[],
  refusing: string,
  tried: readonly string[] | null,
  isOpen: (account: string) => boolean,
): Required<Omit<Fallback, 'schedule'>> {
  const others = ranked.map(({ id }) => id).filter((id) => id !== refusing);
  return { others, nextAccount: others.find((id) => !tried?.includes(id) && !isOpen(id)) };
}
