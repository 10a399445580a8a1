import { hash } from 'node:crypto';
import type { Channel } from '@carillon/core/channel';
import { type KeyRing, type Sealed, seal, unseal } from '@carillon/core/envelope';
import type { Environment } from '@carillon/core/environment';
import { AccountSettings } from './account-settings.ts';

/**
 * Between an account's settings and its row in provider_accounts: what is secret (credentials, receipt secrets) is sealed
 * and bound to the row, the rest is plain, so that lists and dashboards never need a key.
 */
export interface AccountRow {
  id: string;
  provider: string;
  channel: Channel;
  environments: Environment[];
  enabled: boolean;
  position: number;
  weight: number;
  ratePerSecond: number | null;
  prefixes: string[];
  settings: Record<string, unknown>;
  credentials: Buffer | null;
  dataKey: Buffer | null;
  keyId: string | null;
  fingerprint: string | null;
}

/** Lower is tried first. The generic provider is a fallback wherever there is another. */
export const DEFAULT_POSITION: Readonly<Record<AccountSettings['provider'], number>> = {
  resend: 10,
  sendgrid: 15,
  ses: 18,
  smtp: 20,
  twilio: 10,
  termii: 20,
  fcm: 10,
  apns: 15,
  'web-push': 20,
  inbox: 10,
  generic: 90,
};

const CHANNEL_OF: Readonly<Partial<Record<AccountSettings['provider'], Channel>>> = {
  resend: 'email',
  sendgrid: 'email',
  ses: 'email',
  smtp: 'email',
  twilio: 'sms',
  termii: 'sms',
  fcm: 'push',
  apns: 'push',
  'web-push': 'push',
  inbox: 'in_app',
};

/** What both seals of an account are bound to. */
export const boundTo = (id: string): string => `provider_accounts/${id}`;

export function sealAccount(ring: KeyRing, account: AccountSettings, enabled = true): AccountRow {
  const { id, provider, environments, order, weight, prefixes, ratePerSecond, ...rest } = account;
  const { credentials, receipts, dkim, ...settings } = rest as typeof rest & Secrets;
  const secret = JSON.stringify({ credentials, receipts, dkim });
  const sealed = secret === '{}' ? null : seal(ring, secret, boundTo(id));
  return {
    id,
    provider,
    channel: channelOf(account),
    environments: [...environments],
    enabled,
    position: order ?? DEFAULT_POSITION[provider],
    weight: weight ?? 1,
    ratePerSecond: ratePerSecond ?? null,
    prefixes: prefixes ?? [],
    settings,
    credentials: sealed?.sealed ?? null,
    dataKey: sealed?.dataKey ?? null,
    keyId: sealed?.keyId ?? null,
    // Enough to see whether two are the same; far too little to guess from.
    fingerprint: sealed ? hash('sha256', `${id}|${secret}`, 'hex').slice(0, 12) : null,
  };
}

/** What is sealed of an account; `dkim` is SMTP's domain, selector and key. */
export const SECRET_FIELDS = ['credentials', 'receipts', 'dkim'] as const;
export type SecretField = (typeof SECRET_FIELDS)[number];
export type Secrets = { [name in SecretField]?: unknown };

/** @throws SealBroken if the row was altered or its key is gone. */
export function secretsOf(
  ring: KeyRing,
  row: Pick<AccountRow, 'id' | 'credentials' | 'dataKey' | 'keyId'>,
): Secrets {
  if (row.credentials === null) return {};
  return JSON.parse(unseal(ring, sealedOf(row), boundTo(row.id))) as Secrets;
}

/**
 * @throws SealBroken if the row was altered or its key is gone.
 * @throws z.ZodError if the settings do not fit this version.
 */
export function openAccount(ring: KeyRing, row: AccountRow): AccountSettings {
  return AccountSettings.parse({
    ...row.settings,
    ...secretsOf(ring, row),
    id: row.id,
    provider: row.provider,
    environments: row.environments,
    order: row.position,
    weight: row.weight,
    ...(row.prefixes.length > 0 ? { prefixes: row.prefixes } : {}),
    ...(row.ratePerSecond === null ? {} : { ratePerSecond: row.ratePerSecond }),
  });
}

export function channelOf(account: AccountSettings): Channel {
  return account.provider === 'generic' ? account.channel : CHANNEL_OF[account.provider]!;
}

function sealedOf({
  credentials,
  dataKey,
  keyId,
}: Pick<AccountRow, 'credentials' | 'dataKey' | 'keyId'>): Sealed {
  return { sealed: credentials!, dataKey: dataKey!, keyId: keyId! };
}
