import type { AccountSettings } from '../account-settings.ts';
import type { ReceiptTrust } from './reader.ts';

/**
 * What an account's receipts are checked against. Twilio signs with the account's auth token and our generic provider with
 * the secret it shares with us, so these need nothing more; `receipts.secrets` adds the second one while one rotates.
 */
export function trustOf(account: AccountSettings): ReceiptTrust {
  const { secrets = [], topicArn, certificate } = account.receipts ?? {};
  return {
    secrets: [...secrets, ...own(account)],
    topicArn,
    ...(certificate === undefined ? {} : { certificateAt: async () => certificate }),
  };
}

function own(account: AccountSettings): string[] {
  if (account.provider === 'twilio') return [account.credentials.authToken];
  return account.provider === 'generic' ? [account.credentials.secret] : [];
}
