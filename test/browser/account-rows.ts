import { encryptionKeys } from '@carillon/core/config';
import type { KeyRing } from '@carillon/core/envelope';
import { putProviderAccount } from '@carillon/db/queries/put-provider-account';
import { AccountSettings, type AccountSettingsInput } from '@carillon/providers/account-settings';
import { sealAccount } from '@carillon/providers/sealed-account';
import type { Sql } from 'postgres';

/** What no page and no log line of the dashboard may ever hold. */
export const SECRETS = ['re_a_very_secret_key', 'whsec_dmVyeV9zZWNyZXQ', 'twilio_very_secret'];

/** The keys a dashboard has that was told of none. */
export const ring = (): KeyRing => encryptionKeys().parse(undefined);

export const RESEND = {
  id: 'resend-eu',
  provider: 'resend',
  environments: ['live'],
  from: 'Acme <hello@acme.example>',
  ratePerSecond: 10,
  credentials: { apiKey: SECRETS[0]! },
  receipts: { secrets: [SECRETS[1]!] },
} satisfies AccountSettingsInput;

export const TWILIO = {
  id: 'twilio-eu',
  provider: 'twilio',
  environments: ['live', 'test'],
  prefixes: ['+44', '+49'],
  from: '+15005550006',
  credentials: { accountSid: 'AC1', authToken: SECRETS[2]! },
} satisfies AccountSettingsInput;

/** Writes accounts as a worker (`file`) or the API would. */
export async function writeAccounts(
  sql: Sql,
  accounts: readonly AccountSettingsInput[],
  managedBy: 'file' | 'api' = 'api',
  keys: KeyRing = ring(),
): Promise<void> {
  for (const account of accounts) {
    const row = sealAccount(keys, AccountSettings.parse(account));
    await putProviderAccount(sql, { ...row, managedBy }, 'system:worker');
  }
}
