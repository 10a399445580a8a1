import type { Channel } from '@carillon/core/channel';
import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';

/** As it is stored: the secret part is sealed (core/envelope). */
export interface ProviderAccountRow {
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
  managedBy: 'file' | 'api';
  createdAt: Date;
  updatedAt: Date;
}

/** The columns of ProviderAccountRow. */
export const providerAccountColumns = (sql: Sql) => sql`
  id, provider, channel, environments, enabled, position, weight, rate_per_second as "ratePerSecond", prefixes, settings,
  credentials, data_key as "dataKey", key_id as "keyId", fingerprint, managed_by as "managedBy",
  created_at as "createdAt", updated_at as "updatedAt"`;

export async function findProviderAccount(sql: Sql, id: string): Promise<ProviderAccountRow | null> {
  const [row] = await sql<ProviderAccountRow[]>`
    select ${providerAccountColumns(sql)} from provider_accounts where id = ${id}`;
  return row ?? null;
}
