import type { AccountSettings } from '../accounts/account-settings.ts';
import { definitionOf } from '../providers.ts';
import type { ReceiptTrust } from './reader.ts';

/**
 * The secrets that verify an account's receipts. Some providers sign with a secret that the account already has
 * (Twilio's auth token); `receipts.secrets` adds the second one during a rotation.
 */
export function trustOf(account: AccountSettings): ReceiptTrust {
  const { secrets = [], topicArn, certificate } = account.receipts ?? {};
  return {
    secrets: [...secrets, ...(definitionOf(account.provider).receipts?.ownSecrets?.(account) ?? [])],
    topicArn,
    ...(certificate === undefined ? {} : { certificateAt: async () => certificate }),
  };
}
