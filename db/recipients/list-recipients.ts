import type { AddressForms } from '@carillon/core/recipient/address-forms';
import { compileFilter } from '../audiences/compile-filter.ts';
import type { CountedAudience } from '../audiences/count-audience.ts';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import { type ContactPointRow, contactPointColumns, type RecipientRow, recipientColumns } from './people.ts';

export interface RecipientFilter {
  idPrefix?: string | undefined;
  /** Recipients that have one of these, disabled or not. */
  address?: AddressForms | undefined;
  locale?: string | undefined;
  /** Recipients that have an enabled contact point of one of these kinds. */
  kinds?: readonly ContactPointRow['kind'][] | undefined;
  /** Recipients that have this attribute, compared as text. */
  attribute?: { name: string; value: string } | undefined;
  /** Recipients that belong to it. */
  audience?: CountedAudience | undefined;
  createdAfter?: Date | undefined;
  createdBefore?: Date | undefined;
  /** Where the previous page ended. */
  after?: string | undefined;
}

export interface RecipientPage {
  rows: RecipientRow[];
  /** Where the next page begins; null at the end. */
  next: string | null;
}

/** How many recipients a page scans before it ends, however few matched. */
const SCAN_LIMIT = 10_000;

/**
 * The tenant's recipients by id, in the order of bytes. A page scans at most `scanLimit` of them, so a short page is
 * not necessarily the last. An address leads directly to its recipients.
 */
export async function listRecipients(
  sql: Reader,
  { appId, environment }: Tenant,
  {
    idPrefix,
    address,
    locale,
    kinds,
    attribute,
    audience,
    createdAfter,
    createdBefore,
    after,
  }: RecipientFilter,
  limit: number,
  scanLimit = SCAN_LIMIT,
): Promise<RecipientPage> {
  const having = (column: 'email' | 'other', values: string[]) => sql`
    select recipient_id from contact_points p
    where p.app_id = ${appId} and p.environment = ${environment}
      and ${column === 'email' ? sql`p.kind = 'email' and lower(p.address)` : sql`p.kind <> 'email' and p.address`} = any (${values}::text[])`;
  const tenant = `${appId}${environment}`;
  const key = sql`(r.app_id::text || r.environment || r.id) collate "C"`;
  const range = sql`
    ${key} >= ${tenant + (idPrefix ?? '')} and ${key} < ${`${tenant}${idPrefix ?? ''}${LAST}`}
    ${after === undefined ? sql`` : sql`and ${key} > ${tenant + after}`}
    ${
      address === undefined
        ? sql``
        : sql`and r.app_id = ${appId} and r.environment = ${environment}
            and r.id in (${having('email', address.emails)} union ${having('other', [...address.phones, ...address.devices])})`
    }`;
  // Recipients with an address are few: no bound is needed.
  const [ceiling] = address
    ? []
    : await sql<{ id: string }[]>`
        select id from recipients r where ${range} order by ${key} offset ${scanLimit - 1} limit 1`;
  const found = await sql<Omit<RecipientRow, 'contactPoints'>[]>`
    select ${recipientColumns(sql)} from recipients r
    where ${range}
      ${ceiling === undefined ? sql`` : sql`and ${key} <= ${tenant + ceiling.id}`}
      ${locale === undefined ? sql`` : sql`and lower(r.locale) = lower(${locale})`}
      ${attribute === undefined ? sql`` : sql`and r.attributes ->> ${attribute.name}::text = ${attribute.value}`}
      ${audience === undefined ? sql`` : sql`and ${compileFilter(sql, audience.filter, audience)}`}
      ${createdAfter === undefined ? sql`` : sql`and r.created_at >= ${createdAfter}`}
      ${createdBefore === undefined ? sql`` : sql`and r.created_at < ${createdBefore}`}
      ${
        kinds === undefined
          ? sql``
          : sql`and exists (
              select from contact_points p
              where p.app_id = r.app_id and p.environment = r.environment and p.recipient_id = r.id
                and p.kind = any (${kinds as string[]}::text[]) and p.disabled_at is null
            )`
      }
    order by ${key}
    limit ${limit + 1}`;
  const rows = found.slice(0, limit);
  const next = found.length > limit ? rows.at(-1)!.id : (ceiling?.id ?? null);
  const points = await sql<(ContactPointRow & { recipientId: string })[]>`
    select ${contactPointColumns(sql)}, recipient_id as "recipientId" from contact_points
    where app_id = ${appId} and environment = ${environment} and recipient_id = any (${rows.map(({ id }) => id)}::text[])
    order by disabled_at is not null, created_at desc, id`;
  const byRecipient = Map.groupBy(points, ({ recipientId }) => recipientId);
  return { rows: rows.map((row) => ({ ...row, contactPoints: byRecipient.get(row.id) ?? [] })), next };
}

/** Behind every text with the same beginning: the last code point sorts after all others by its bytes. */
const LAST = '\u{10ffff}';
