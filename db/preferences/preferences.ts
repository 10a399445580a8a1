import { categoryName } from '@carillon/core/provider/visible-text';
import { NO_PREFERENCES, type Preferences, wantsCategory } from '@carillon/core/recipient/preferences';
import type { UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

export interface PreferencesRow extends Preferences {
  /** Null if the person never set any. */
  updatedAt: Date | null;
}

/** A recipient's preferences, or the defaults; null if the tenant has no such recipient. */
export async function getPreferences(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientId: string,
): Promise<PreferencesRow | null> {
  const [row] = await sql<(Preferences & { updatedAt: Date | null })[]>`
    select p.channels, p.categories, p.quiet_hours, p.caps, p.updated_at as "updatedAt"
    from recipients r
    left join user_preferences p
      on p.app_id = r.app_id and p.environment = r.environment and p.recipient_id = r.id
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = ${recipientId}`;
  if (!row) return null;
  return row.updatedAt === null ? { ...NO_PREFERENCES, updatedAt: null } : row;
}

export interface Choice {
  category: string;
  wanted: boolean;
}

/**
 * The categories a person may opt out of, and which were opted out of; always including the one their link is about.
 */
export async function readChoices(sql: Sql, link: UnsubscribeLink): Promise<Choice[]> {
  const { appId, environment, category, recipientId } = link;
  const [row] = await sql<{ offered: string[] | null; categories: Record<string, boolean> | null }[]>`
    select
      (select array_agg(name) from categories
        where app_id = ${appId} and environment = ${environment} and unsubscribable and name <> '*') as offered,
      (select categories from user_preferences
        where app_id = ${appId} and environment = ${environment} and recipient_id = ${recipientId ?? null}) as categories`;
  const names = new Set([category, ...(row?.offered ?? [])].map(categoryName));
  return [...names]
    .sort()
    .map((name) => ({ category: name, wanted: wantsCategory(row?.categories ?? {}, name) }));
}
