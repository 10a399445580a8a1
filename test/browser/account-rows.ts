import type { KeyRing } from '@carillon/core/notification/envelope';
import { encryptionKeys } from '@carillon/core/program/config';
import { putProviderAccount } from '@carillon/db/provider-accounts/write-provider-accounts';
import { encryptAccount } from '@carillon/providers/accounts/account-encryption';
import { AccountSettings, type AccountSettingsInput } from '@carillon/providers/accounts/account-settings';
import type { Sql } from 'postgres';

/** Values that must never appear on a page or in a log line of the dashboard. */
export const SECRETS = ['re_a_very_secret_key', 'whsec_dmVyeV9zZWNyZXQ', 'twilio_very_secret'];

/** The keys of a dashboard without configured ones. */
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
    const row = encryptAccount(keys, AccountSettings.parse(account));
    await putProviderAccount(sql, { ...row, managedBy }, 'system:worker');
  }
}
