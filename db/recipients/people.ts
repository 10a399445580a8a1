import type { Environment } from '@carillon/core/notification/environment';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import type { Reader } from '../replica/reader.ts';
import type { CONTACT_KINDS } from '../schema/recipients.ts';

export interface ContactPointRow {
  id: string;
  kind: (typeof CONTACT_KINDS)[number];
  address: string;
  createdAt: Date;
  verifiedAt: Date | null;
  disabledAt: Date | null;
  disabledReason: string | null;
}

export interface RecipientRow {
  id: string;
  locale: string | null;
  timeZone: string | null;
  attributes: Record<string, unknown>;
  createdAt: Date;
  updatedAt: Date;
  /** Enabled ones first, then the newest. */
  contactPoints: ContactPointRow[];
}

/** The columns of RecipientRow, without its contact points. */
export const recipientColumns = (sql: Reader) => sql`
  id, locale, time_zone as "timeZone", attributes, created_at as "createdAt", updated_at as "updatedAt"`;

export const contactPointColumns = (sql: Reader) => sql`
  id, kind, address, created_at as "createdAt", verified_at as "verifiedAt", disabled_at as "disabledAt",
  disabled_reason as "disabledReason"`;

/** A recipient of this tenant with its contact points; null if the tenant has none of that id. */
export async function getRecipient(sql: Sql, tenant: Tenant, id: string): Promise<RecipientRow | null> {
  const { appId, environment } = tenant;
  const [[recipient], contactPoints] = await Promise.all([
    sql<Omit<RecipientRow, 'contactPoints'>[]>`
      select ${recipientColumns(sql)}
      from recipients where app_id = ${appId} and environment = ${environment} and id = ${id}`,
    sql<ContactPointRow[]>`
      select ${contactPointColumns(sql)}
      from contact_points
      where app_id = ${appId} and environment = ${environment} and recipient_id = ${id}
      order by disabled_at is not null, created_at desc, id`,
  ]);
  return recipient ? { ...recipient, contactPoints } : null;
}

export interface WantedRecipient {
  app_id: string;
  environment: Environment;
  id: string;
}

export interface ReachableRecipient extends WantedRecipient {
  locale: string | null;
  /** Kinds of contact points that are not disabled: email, phone, fcm, apns, web_push. */
  kinds: string[];
}

/** All recipients that a group of requests names, and how they can be reached. Unknown ones are not returned. */
export async function findReachableRecipients(
  sql: Sql | TransactionSql,
  wanted: readonly WantedRecipient[],
): Promise<ReachableRecipient[]> {
  return sql<ReachableRecipient[]>`
    select r.app_id, r.environment, r.id, r.locale,
      array(
        select distinct c.kind from contact_points c
        where c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id and c.disabled_at is null
      ) as kinds
    from json_to_recordset(${JSON.stringify(wanted)}::text::json) as w (app_id uuid, environment text, id text)
    join recipients r on r.app_id = w.app_id and r.environment = w.environment and r.id = w.id`;
}

/** Whose time zone: a recipient's, or an app's where the recipient is unknown. */
export interface Whose {
  appId: string;
  environment: Environment;
  recipientId: string | null;
}

/** What the texts of a person follow. */
export interface Personal {
  /** An IANA name: the recipient's, else the app's; null where neither has one. */
  timeZone: string | null;
  /** Of the recipient: how their numbers and dates are written. */
  locale: string | null;
}

/** The time zone and the locale of recipients, in order. */
export async function findPersonal(sql: Sql, asked: readonly Whose[]): Promise<Personal[]> {
  return sql<Personal[]>`
    select coalesce(r.time_zone, a.time_zone) as "timeZone", r.locale
    from unnest(
      ${asked.map(({ appId }) => appId)}::uuid[],
      ${asked.map(({ environment }) => environment)}::text[],
      ${asked.map(({ recipientId }) => recipientId)}::text[]
    ) with ordinality as asked (app_id, environment, recipient_id, n)
    left join apps a on a.id = asked.app_id
    left join recipients r
      on r.app_id = asked.app_id and r.environment = asked.environment and r.id = asked.recipient_id
    order by asked.n
  `;
}
