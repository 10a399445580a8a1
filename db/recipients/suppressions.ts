import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { SuppressionReason } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

export interface SuspectAddress {
  appId: string;
  environment: Environment;
  channel: Channel;
  hash: Buffer;
}

/**
 * Which of these addresses are suppressed, and why, each at its index: null if it may be written to. Every message
 * passes here, so the keys travel as arrays: of a hundred addresses each costs 5 us, with a JSON recordset 8.
 */
export async function findSuppressions(
  sql: Sql,
  addresses: readonly SuspectAddress[],
): Promise<(SuppressionReason | null)[]> {
  const distinct = <T>(values: T[]): T[] => [...new Set(values)];
  const hexes = addresses.map(({ hash }) => hash.toString('hex'));
  // App and channel are in the hash, so the product of the lists holds nothing that was not queried.
  const found = await sql<{ environment: Environment; hex: string; reason: SuppressionReason }[]>`
    select environment, encode(address_hash, 'hex') as hex, reason
    from suppressions
    where app_id = any (${distinct(addresses.map(({ appId }) => appId))}::uuid[])
      and environment = any (${distinct(addresses.map(({ environment }) => environment))}::text[])
      and channel = any (${distinct(addresses.map(({ channel }) => channel))}::text[])
      and address_hash = any (${distinct(hexes.map((hex) => `\\x${hex}`))}::text[]::bytea[])`;
  if (found.length === 0) return addresses.map(() => null);
  const reasons = new Map(found.map(({ environment, hex, reason }) => [environment + hex, reason]));
  return addresses.map(({ environment }, index) => reasons.get(environment + hexes[index]) ?? null);
}

export interface SuppressionRow {
  channel: Channel;
  addressHash: Buffer;
  reason: SuppressionReason;
  detail: string | null;
  createdAt: Date;
}

export interface SuppressionFilter {
  channel?: Channel | undefined;
  addressHash?: Buffer | undefined;
  /** The last one of the previous page. */
  after?: { channel: string; addressHash: Buffer } | undefined;
}

/**
 * The tenant's suppressions by channel and hash: the order of the primary key, so that any page is as cheap as the
 * first.
 */
export async function listSuppressions(
  sql: Sql,
  { appId, environment }: Tenant,
  { channel, addressHash, after }: SuppressionFilter,
  limit: number,
): Promise<SuppressionRow[]> {
  return sql<SuppressionRow[]>`
    select channel, address_hash as "addressHash", reason, detail, created_at as "createdAt"
    from suppressions
    where app_id = ${appId} and environment = ${environment}
      ${channel === undefined ? sql`` : sql`and channel = ${channel}`}
      ${addressHash === undefined ? sql`` : sql`and address_hash = ${addressHash}`}
      ${after === undefined ? sql`` : sql`and (channel, address_hash) > (${after.channel}, ${after.addressHash}::bytea)`}
    order by channel, address_hash
    limit ${limit}`;
}
