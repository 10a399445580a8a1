import type { Sql } from 'postgres';
import type { CONTACT_KINDS } from '../schema/contact-points.ts';
import type { Tenant } from '../tenant.ts';

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

/** A recipient of this tenant with its contact points; null if the tenant has none of that id. */
export async function getRecipient(sql: Sql, tenant: Tenant, id: string): Promise<RecipientRow | null> {
  const { appId, environment } = tenant;
  const [[recipient], contactPoints] = await Promise.all([
    sql<Omit<RecipientRow, 'contactPoints'>[]>`
      select id, locale, time_zone as "timeZone", attributes, created_at as "createdAt", updated_at as "updatedAt"
      from recipients where app_id = ${appId} and environment = ${environment} and id = ${id}`,
    sql<ContactPointRow[]>`
      select id, kind, address, created_at as "createdAt", verified_at as "verifiedAt", disabled_at as "disabledAt",
        disabled_reason as "disabledReason"
      from contact_points
      where app_id = ${appId} and environment = ${environment} and recipient_id = ${id}
      order by disabled_at is not null, created_at desc, id`,
  ]);
  return recipient ? { ...recipient, contactPoints } : null;
}
