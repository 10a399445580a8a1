import type { DeliveryPolicy } from '@carillon/core/notification/delivery-policy';
import type { Priority } from '@carillon/core/notification/priority';
import type { GuaranteeClass } from '@carillon/core/provider/guarantee';

/**
 * The guarantees as data, repeated here on purpose: the judge must not take them from the code under test.
 * docs/in-doubt.md describes the same.
 */
export const CLASS_OF_PROVIDER: Readonly<Record<string, GuaranteeClass>> = {
  resend: 'A',
  generic: 'A',
  inbox: 'A',
  twilio: 'B',
  fcm: 'C',
  'web-push': 'C',
  smtp: 'D',
};

/** Accounts are named after their provider here (`generic-sms`), so that the judge need not read their settings. */
export function providerOf(account: string): string {
  return account in CLASS_OF_PROVIDER ? account : account.replace(/-[^-]+$/, '');
}

export function classOf(providerOrAccount: string): GuaranteeClass {
  const found = CLASS_OF_PROVIDER[providerOf(providerOrAccount)];
  if (!found) throw new Error(`the judge knows no provider "${providerOrAccount}"`);
  return found;
}

/** May a second copy follow an acceptance? `if told`: only where the timeline says that the policy sent it again. */
export type SecondCopy = 'never' | 'replaces' | 'chosen' | 'if told';

/**
 * A and B: never, the key or the evidence prevents it; unless evidence did not come until the deadline and the policy
 * sends again then (class A: `at_least_once` only). C: it replaces the first on the device. D: where the policy sends
 * again. `at_most_once` accepts it nowhere.
 */
export function secondCopyOf(
  guarantee: GuaranteeClass,
  policy: DeliveryPolicy,
  priority: Priority,
): SecondCopy {
  if (policy === 'at_most_once') return 'never';
  if (guarantee === 'C') return 'replaces';
  if (!sendsAgain(policy, priority)) return 'never';
  if (guarantee === 'D') return 'chosen';
  return guarantee === 'B' || policy === 'at_least_once' ? 'if told' : 'never';
}

/** The fields of a doubt that decide whether it may stay one. */
export interface OpenDoubt {
  guarantee: GuaranteeClass;
  policy: DeliveryPolicy;
  priority: Priority;
  /** Its `expires_at` has passed: then not even the same call may be made again. */
  hasExpired: boolean;
}

/**
 * Whether a doubt may still be open when everything has settled: only if neither key nor evidence nor replacement helps
 * and the policy leaves it to a person.
 */
export function mayStayInDoubt({ guarantee, policy, priority, hasExpired }: OpenDoubt): boolean {
  if (policy === 'ask' && hasExpired) return true;
  if (guarantee === 'A' || guarantee === 'B') return false;
  if (policy === 'ask') return true;
  if (policy === 'at_most_once') return false;
  return guarantee === 'D' && !sendsAgain(policy, priority);
}

/** What the policy says about a blind doubt: `resolve` sends critical ones again and leaves the others to a person. */
function sendsAgain(policy: DeliveryPolicy, priority: Priority): boolean {
  return policy === 'at_least_once' || (policy === 'resolve' && priority === 'critical');
}
