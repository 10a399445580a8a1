import { NO_PREFERENCES, type Preferences } from '@carillon/core/recipient/preferences';
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
    select p.channels, p.categories, p.quiet_hours, p.caps, to_jsonb(p.paused_until) as paused_until,
      p.updated_at as "updatedAt"
    from recipients r
    left join user_preferences p
      on p.app_id = r.app_id and p.environment = r.environment and p.recipient_id = r.id
    where r.app_id = ${appId} and r.environment = ${environment} and r.id = ${recipientId}`;
  if (!row) return null;
  return row.updatedAt === null ? { ...NO_PREFERENCES, updatedAt: null } : row;
}
