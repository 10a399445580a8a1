import type { Channel } from '@carillon/core/channel';
import type { SuppressionReason } from '@carillon/core/suppression';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';

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
  /** The last one of the page before. */
  after?: { channel: string; addressHash: Buffer } | undefined;
}

/** The tenant's suppressions by channel and hash: the order of the primary key, so that any page is as cheap as the first. */
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
