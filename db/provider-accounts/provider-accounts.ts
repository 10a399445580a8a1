import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';

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

/** The account with this id, and PostgreSQL's time when it was read; null if there is none. */
export async function findProviderAccount(
  sql: Sql,
  id: string,
): Promise<(ProviderAccountRow & { now: Date }) | null> {
  const [row] = await sql<(ProviderAccountRow & { now: Date })[]>`
    select ${providerAccountColumns(sql)}, now() as now from provider_accounts where id = ${id}`;
  return row ?? null;
}

/**
 * All accounts of the installation, in the order in which their channel tries them. There are tens, never thousands.
 */
export async function listProviderAccounts(sql: Sql | TransactionSql): Promise<ProviderAccountRow[]> {
  return sql<ProviderAccountRow[]>`
    select ${providerAccountColumns(sql as Sql)} from provider_accounts order by channel, position, id`;
}

/**
 * The number that rises with every change of a category or a provider account. Read it before the settings: those read
 * afterwards are at least as new.
 */
export async function readSettingsVersion(sql: Sql): Promise<number> {
  const [row] = await sql<[{ version: number }]>`select version from settings_version`;
  return row.version;
}

/** As a column of a statement that returns rows: looked up once for all of them. */
export const settingsVersionColumn = (sql: Sql) =>
  sql`(select version from settings_version) as settings_version`;
