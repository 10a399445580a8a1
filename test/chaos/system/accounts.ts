import path from 'node:path';
import type { Environment } from '@carillon/core/notification/environment';
import { writeJson } from '@carillon/local/atomic-file';
import type { AccountSettings } from '@carillon/providers/accounts/registry';
import { simulatorAccounts } from '@carillon/simulator/simulator-accounts';

const CA_FILE = path.join(import.meta.dirname, '../../../packages/providers/fixtures/tls/ca.pem');

/**
 * The accounts are split between the environments so that the load reaches every guarantee class directly: e-mail is
 * class A with the live key and class D with the test key. Where a class has an account to fall back on, it is class A.
 */
export const ENVIRONMENTS_OF: Readonly<Record<string, readonly Environment[]>> = {
  resend: ['live'],
  'generic-email': ['live'],
  twilio: ['live'],
  'generic-sms': ['live', 'test'],
  fcm: ['live'],
  'web-push': ['live'],
  'generic-push': ['test'],
  smtp: ['test'],
  inbox: ['live', 'test'],
};

/** Limits that a batch now and then runs into, so that waiting for a permit is part of every run. */
export const RATE_OF: Readonly<Record<string, number>> = { resend: 150, twilio: 100 };

/** Longer than any fault delays a message in transit: "not found" must be true when it counts. */
const LOOKUP_SETTLES_MS = 15_000;

/** Writes the PROVIDERS_FILE of one worker. @param ports where it reaches the simulator */
export function writeAccounts(
  file: string,
  ports: { http: number; tls: number; smtp: number },
  apiUrl: string,
): void {
  const accounts = simulatorAccounts({
    httpUrl: `http://127.0.0.1:${ports.http}`,
    tlsHost: '127.0.0.1',
    tlsPort: ports.tls,
    caFile: CA_FILE,
    smtpUrl: `smtp://127.0.0.1:${ports.smtp}`,
    apiUrl,
  });
  writeJson(file, accounts.filter(({ id }) => id in ENVIRONMENTS_OF).map(adjust));
}

function adjust(account: AccountSettings): AccountSettings {
  const rate = RATE_OF[account.id];
  return {
    ...account,
    ...(account.provider === 'twilio' ? { lookupSettlesMs: LOOKUP_SETTLES_MS } : {}),
    environments: [...ENVIRONMENTS_OF[account.id]!],
    ...(rate === undefined ? {} : { ratePerSecond: rate }),
  };
}
