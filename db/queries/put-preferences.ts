import type { Cap, QuietHours } from '@carillon/core/preferences';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import type { PreferencesRow } from './get-preferences.ts';

/** A field that is not there stays as it is, a value replaces it whole; null takes quiet hours away. */
export interface PreferencesFields {
  channels?: Readonly<Record<string, boolean | undefined>> | undefined;
  categories?: Readonly<Record<string, boolean>> | undefined;
  quiet_hours?: QuietHours | null | undefined;
  caps?: readonly { [Field in keyof Cap]: Cap[Field] | undefined }[] | undefined;
}

/**
 * Changes what a recipient wants. It holds from the next claim on: a message that is being sent this moment still goes.
 *
 * Not audited row by row, like everything that apps mirror here about their users at full speed.
 *
 * @returns null if the tenant has no such recipient.
 */
export async function putPreferences(
  sql: Sql,
  { appId, environment }: Tenant,
  recipientId: string,
  { channels, categories, quiet_hours: quietHours, caps }: PreferencesFields,
): Promise<PreferencesRow | null> {
  const json = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));
  const [row] = await sql<PreferencesRow[]>`
    insert into user_preferences as p (app_id, environment, recipient_id, channels, categories, quiet_hours, caps)
    select app_id, environment, id, coalesce(${json(channels)}::text::jsonb, '{}'),
      coalesce(${json(categories)}::text::jsonb, '{}'), ${json(quietHours)}::text::jsonb,
      coalesce(${json(caps)}::text::jsonb, '[]')
    from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
    -- Erased at the same moment: then it is not there any more, rather than a foreign key's error.
    for key share
    on conflict (app_id, environment, recipient_id) do update set
      channels = case when ${channels !== undefined} then excluded.channels else p.channels end,
      categories = case when ${categories !== undefined} then excluded.categories else p.categories end,
      quiet_hours = case when ${quietHours !== undefined} then excluded.quiet_hours else p.quiet_hours end,
      caps = case when ${caps !== undefined} then excluded.caps else p.caps end,
      updated_at = now()
    returning channels, categories, quiet_hours, caps, updated_at as "updatedAt"`;
  return row ?? null;
}
