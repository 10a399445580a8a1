import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { SuppressionReason } from '@carillon/core/recipient/suppression';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';

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
  /** `provider`, `recipient` (the link in a message), `key:<key id>`, `staff:<e-mail>`; null in rows of old releases. */
  addedBy: string | null;
  /** The provider account whose receipt or answer caused it. */
  account: string | null;
  /** That receipt, in provider_logs. */
  eventId: string | null;
  /** The message that it was about. */
  notificationId: string | null;
  /** The n of the call whose answer caused it. */
  attempt: number | null;
}

/** The columns of SuppressionRow. */
export const suppressionColumns = (sql: Reader) => sql`
  channel, address_hash as "addressHash", reason, detail, created_at as "createdAt", added_by as "addedBy",
  provider_account as account, event_id as "eventId", notification_id as "notificationId", attempt`;

export interface SuppressionFilter {
  channel?: Channel | undefined;
  /** Hashes of one address: it may be listed under an older spelling. */
  addressHashes?: readonly Buffer[] | undefined;
  reason?: SuppressionReason | undefined;
  /** The order of the list: by channel and hash, or the newest first. */
  newest: boolean;
  /** The last one that the previous page looked at. */
  after?: SuppressionPosition | undefined;
}

export interface SuppressionPosition {
  /** created_at to the microsecond; used in the newest-first order. */
  at: string;
  channel: string;
  addressHash: Buffer;
}

export interface SuppressionPage {
  rows: SuppressionRow[];
  /** Where the next page begins; null at the end. */
  next: SuppressionPosition | null;
}

/** How many suppressions a page looks through, however few have the wanted reason. */
const SCAN_LIMIT = 10_000;

/**
 * The tenant's suppressions by channel and hash (the order of the primary key), or the newest first: any page is as cheap
 * as the first. With a reason, or a channel by time, a page looks through at most `scanLimit` of them, so a short page is not necessarily the
 * last.
 */
export async function listSuppressions(
  sql: Reader,
  { appId, environment }: Tenant,
  { channel, addressHashes, reason, newest, after }: SuppressionFilter,
  limit: number,
  scanLimit = SCAN_LIMIT,
): Promise<SuppressionPage> {
  const behind = (position: SuppressionPosition) =>
    newest
      ? sql`and (created_at, channel, address_hash) <
          (${position.at}::text::timestamptz, ${position.channel}, ${position.addressHash}::bytea)`
      : sql`and (channel, address_hash) > (${position.channel}, ${position.addressHash}::bytea)`;
  const order = newest
    ? sql`order by created_at desc, channel desc, address_hash desc`
    : sql`order by channel, address_hash`;
  // The walk has the order of the channels, unless it is by time.
  const isNarrow = reason === undefined && (channel === undefined || !newest);
  const ofChannel = channel === undefined ? sql`` : sql`and channel = ${channel}`;
  const scan = isNarrow ? limit + 1 : scanLimit;
  const scanned = sql`
    select ${suppressionColumns(sql)}, created_at::text as at from suppressions
    where app_id = ${appId} and environment = ${environment}
      ${newest ? sql`` : ofChannel}
      ${addressHashes === undefined ? sql`` : sql`and address_hash = any (${addressHashes.map((hash) => `\\x${hash.toString('hex')}`)}::text[]::bytea[])`}
      ${after === undefined ? sql`` : behind(after)}
    ${order} limit ${scan}`;
  const found = await sql<(SuppressionRow & { at: string })[]>`
    select channel, "addressHash", reason, detail, "createdAt", "addedBy", account, "eventId", "notificationId", attempt, at
    from (${scanned} offset 0) s
    where true ${reason === undefined ? sql`` : sql`and reason = ${reason}`} ${newest ? ofChannel : sql``}
    ${newest ? sql`order by at::timestamptz desc, channel desc, "addressHash" desc` : sql`order by channel, "addressHash"`}
    limit ${limit + 1}`;
  const rows = found.slice(0, limit);
  const last = rows.at(-1);
  if (found.length > limit) return { rows, next: last! };
  if (isNarrow) return { rows, next: null };
  const [floor] = await sql<SuppressionPosition[]>`
    select at, channel, "addressHash" from (${scanned} offset ${scanLimit - 1}) s`;
  return { rows, next: floor ?? null };
}

/** A suppression by its hash; null if the tenant has none. */
export async function findSuppression(
  sql: Sql,
  { appId, environment }: Tenant,
  channel: Channel,
  addressHash: Buffer,
): Promise<SuppressionRow | null> {
  const [row] = await sql<SuppressionRow[]>`
    select ${suppressionColumns(sql)} from suppressions
    where app_id = ${appId} and environment = ${environment} and channel = ${channel} and address_hash = ${addressHash}`;
  return row ?? null;
}

/** The suppressions of these addresses. */
export async function findSuppressionsOf(
  sql: Sql,
  { appId, environment }: Tenant,
  wanted: readonly { channel: Channel; hash: Buffer }[],
): Promise<SuppressionRow[]> {
  return sql<SuppressionRow[]>`
    select ${suppressionColumns(sql)} from suppressions
    where app_id = ${appId} and environment = ${environment}
      and channel = any (${[...new Set(wanted.map(({ channel }) => channel))]}::text[])
      and address_hash = any (${wanted.map(({ hash }) => `\\x${hash.toString('hex')}`)}::text[]::bytea[])
    order by created_at, channel, address_hash`;
}
