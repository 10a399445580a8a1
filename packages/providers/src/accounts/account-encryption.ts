import type { Channel } from '@carillon/core/notification/channel';
import { fingerprint, type KeyRing, type Sealed, seal, unseal } from '@carillon/core/notification/envelope';
import type { Environment } from '@carillon/core/notification/environment';
import { DEFINITIONS, definitionOf } from '../providers.ts';
import { AccountSettings } from './account-settings.ts';

/**
 * Converts between an account's settings and its row in provider_accounts: secrets (credentials, receipt secrets) are
 * sealed and bound to the row, the rest is plain, so that lists and dashboards never need a key.
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

/** `file`: created by PROVIDERS_FILE; `api`: by people, through the API or the dashboard. */
export type StoredAccount = AccountRow & { managedBy: 'file' | 'api' };

/** The context that both seals of an account are bound to. */
export const boundTo = (id: string): string => `provider_accounts/${id}`;

export function encryptAccount(ring: KeyRing, account: AccountSettings, enabled = true): AccountRow {
  const { id, provider, environments, order, weight, prefixes, ratePerSecond, ...rest } = account;
  const all: Readonly<Record<string, unknown>> = rest;
  // The fingerprint covers this text: keep the order of the fields.
  const secret = JSON.stringify(Object.fromEntries(SECRET_FIELDS.map((name) => [name, all[name]])));
  const settings = Object.fromEntries(Object.entries(all).filter(([name]) => !SECRET_FIELDS.includes(name)));
  const sealed = secret === '{}' ? null : seal(ring, secret, boundTo(id));
  return {
    id,
    provider,
    channel: channelOf(account),
    environments: [...environments],
    enabled,
    position: order ?? definitionOf(provider).order,
    weight: weight ?? 1,
    ratePerSecond: ratePerSecond ?? null,
    prefixes: prefixes ?? [],
    settings,
    credentials: sealed?.sealed ?? null,
    dataKey: sealed?.dataKey ?? null,
    keyId: sealed?.keyId ?? null,
    fingerprint: sealed ? fingerprint(ring, secret, boundTo(id)) : null,
  };
}

/** The sealed fields of an account of any provider: two that all have, then those that some have. */
export const SECRET_FIELDS: readonly string[] = [
  'credentials',
  'receipts',
  ...DEFINITIONS.flatMap(({ sealed }) => Object.keys(sealed ?? {})),
];
export type Secrets = { [name: string]: unknown };

/** @throws SealBroken if the row was altered or its key is no longer configured. */
export function secretsOf(
  ring: KeyRing,
  row: Pick<AccountRow, 'id' | 'credentials' | 'dataKey' | 'keyId'>,
): Secrets {
  if (row.credentials === null) return {};
  return JSON.parse(unseal(ring, sealedOf(row), boundTo(row.id))) as Secrets;
}

/**
 * @returns the settings; `caFile`, which names a file of this machine, only for an account that PROVIDERS_FILE manages,
 * whatever the row says.
 * @throws SealBroken if the row was altered or its key is gone.
 * @throws z.ZodError if the settings do not fit this version.
 */
export function decryptAccount(ring: KeyRing, row: StoredAccount): AccountSettings {
  const { caFile, ...settings } = row.settings;
  return AccountSettings.parse({
    ...settings,
    ...(caFile === undefined || row.managedBy !== 'file' ? {} : { caFile }),
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
  const { channel } = definitionOf(account.provider);
  return typeof channel === 'function' ? channel(account) : channel;
}

function sealedOf({
  credentials,
  dataKey,
  keyId,
}: Pick<AccountRow, 'credentials' | 'dataKey' | 'keyId'>): Sealed {
  return { sealed: credentials!, dataKey: dataKey!, keyId: keyId! };
}
