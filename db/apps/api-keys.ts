import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';

/** A key as people may see it: never its secret, nor the hash of it. */
export interface ApiKey {
  id: string;
  appId: string;
  environment: Environment;
  name: string;
  scopes: string[];
  /** Requests per second; null is the configured default. */
  ratePerSecond: number | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
  replacedBy: string | null;
  /** By PostgreSQL's clock, when it was read. */
  state: 'active' | 'expired' | 'revoked';
}

export interface NewApiKey
  extends Pick<ApiKey, 'id' | 'appId' | 'environment' | 'name' | 'scopes' | 'ratePerSecond'> {
  secretHash: Buffer;
  expiresAt: Date | null;
}

/** Which keys are listed. */
export interface KeyFilter {
  appId?: string | undefined;
  environment?: Environment | undefined;
}

const columns = (sql: Sql | TransactionSql) => sql`
  id, app_id as "appId", environment, name, scopes, rate_per_second as "ratePerSecond", created_at as "createdAt",
  expires_at as "expiresAt", revoked_at as "revokedAt", last_used_at as "lastUsedAt", replaced_by as "replacedBy",
  case when revoked_at is not null then 'revoked' when expires_at <= now() then 'expired' else 'active' end as state`;

export async function insertApiKey(tx: TransactionSql, key: NewApiKey): Promise<ApiKey> {
  const [row] = await tx<[ApiKey]>`
    insert into api_keys (id, app_id, environment, name, secret_hash, scopes, rate_per_second, expires_at)
    values (${key.id}, ${key.appId}, ${key.environment}, ${key.name}, ${key.secretHash}, ${key.scopes}::text[],
      ${key.ratePerSecond}, ${key.expiresAt})
    returning ${columns(tx)}`;
  return row;
}

/** A key whose lifetime, from now on, is as long as that of `old` was; without end if that has none. */
export async function lifetimeFromNow(tx: TransactionSql, old: string): Promise<Date | null> {
  const [row] = await tx<[{ until: Date | null }]>`
    select now() + (expires_at - created_at) as until from api_keys where id = ${old}`;
  return row.until;
}

/** Held until the end of the transaction, so that of two changes the second sees the result of the first. */
export async function lockApiKey(tx: TransactionSql, id: string): Promise<ApiKey | null> {
  const [row] = await tx<ApiKey[]>`select ${columns(tx)} from api_keys where id = ${id} for update`;
  return row ?? null;
}

/** Ends a key now. */
export async function revokeApiKeyRow(tx: TransactionSql, id: string): Promise<ApiKey> {
  const [row] = await tx<[ApiKey]>`
    update api_keys set revoked_at = coalesce(revoked_at, now()) where id = ${id} returning ${columns(tx)}`;
  return row;
}

/** Records what replaces a key and lets it work for at most this much longer; with 0 it is revoked. */
export async function replaceApiKeyRow(
  tx: TransactionSql,
  id: string,
  replacedBy: string,
  overlapSeconds: number,
): Promise<ApiKey> {
  const [row] = await tx<[ApiKey]>`
    update api_keys set
      replaced_by = ${replacedBy},
      expires_at = least(expires_at, now() + make_interval(secs => ${overlapSeconds})),
      revoked_at = case when ${overlapSeconds}::int = 0 then now() else revoked_at end
    where id = ${id} returning ${columns(tx)}`;
  return row;
}

/** Newest first. @param after the id of the last key of the previous page. Rows of keys are never removed. */
export async function listApiKeyPage(
  sql: Sql,
  { appId, environment }: KeyFilter,
  after: string | undefined,
  limit: number,
): Promise<ApiKey[]> {
  return sql<ApiKey[]>`
    select ${columns(sql)} from api_keys
    where true
      ${appId === undefined ? sql`` : sql`and app_id = ${appId}`}
      ${environment === undefined ? sql`` : sql`and environment = ${environment}`}
      ${after === undefined ? sql`` : sql`and (created_at, id) < (select created_at, id from api_keys where id = ${after})`}
    order by created_at desc, id desc limit ${limit}`;
}

export interface ApiKeyRow {
  id: string;
  appId: string;
  environment: Environment;
  secretHash: Buffer;
  scopes: string[];
  ratePerSecond: number | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
  /** PostgreSQL's time when it was read. */
  now: Date;
}

/** The key with this id, whether or not it is still valid; null if there is none. */
export async function findApiKey(sql: Sql, keyId: string): Promise<ApiKeyRow | null> {
  const [row] = await sql<ApiKeyRow[]>`
    select id, app_id as "appId", environment, secret_hash as "secretHash", scopes,
           rate_per_second as "ratePerSecond", expires_at as "expiresAt", revoked_at as "revokedAt", now() as now
    from api_keys
    where id = ${keyId}`;
  return row ?? null;
}

/**
 * Records that these keys were used. Several API processes do this for one key; the guard keeps it to once a minute.
 */
export async function touchApiKeys(sql: Sql, keyIds: readonly string[]): Promise<void> {
  await sql`
    update api_keys set last_used_at = now()
    where id = any (${[...keyIds]}::text[])
      and (last_used_at is null or last_used_at < now() - interval '1 minute')`;
}
