import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';

export interface ApiKeyRow {
  id: string;
  appId: string;
  environment: Environment;
  secretHash: Buffer;
  scopes: string[];
  ratePerSecond: number | null;
  expiresAt: Date | null;
  revokedAt: Date | null;
}

/** The key with this id, whether or not it is still valid; null if there is none. */
export async function findApiKey(sql: Sql, keyId: string): Promise<ApiKeyRow | null> {
  const [row] = await sql<ApiKeyRow[]>`
    select id, app_id as "appId", environment, secret_hash as "secretHash", scopes,
           rate_per_second as "ratePerSecond", expires_at as "expiresAt", revoked_at as "revokedAt"
    from api_keys
    where id = ${keyId}`;
  return row ?? null;
}
