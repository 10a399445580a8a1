import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { settingsAsFields } from '@carillon/providers/accounts/form-fields';
import { receiptsPath } from '@carillon/providers/receipts/receipts-path';

/**
 * A provider account as JSON, for the API and for carillon-admin --json: never its credentials.
 *
 * @param baseUrl where the API is reached, without a trailing slash; undefined if unknown.
 */
export function viewProviderAccount(row: ProviderAccountRow, baseUrl: string | undefined) {
  const receipts = receiptsPath(row);
  return {
    id: row.id,
    provider: row.provider,
    channel: row.channel,
    environments: row.environments,
    enabled: row.enabled,
    order: row.position,
    weight: row.weight,
    rate_per_second: row.ratePerSecond,
    prefixes: row.prefixes,
    settings: settingsAsFields(row.settings),
    credentials: row.fingerprint === null ? null : { fingerprint: row.fingerprint, key_id: row.keyId! },
    managed_by: row.managedBy,
    receipts_url: receipts === null || baseUrl === undefined ? null : `${baseUrl}${receipts}`,
    created_at: row.createdAt.toISOString(),
    updated_at: row.updatedAt.toISOString(),
  };
}
