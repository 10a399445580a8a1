import type { Priority } from '@carillon/core/notification/priority';
import { categoryName } from '@carillon/core/provider/visible-text';
import type { Cap, QuietHours, Wishes } from '@carillon/core/recipient/preferences';
import type { UnsubscribeLink } from '@carillon/core/recipient/unsubscribe-link';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { wakeHeld } from '../outbox/wake-held.ts';
import type { SuppressionCause } from '../receipts/suppress-addresses.ts';
import type { PreferencesRow } from './preferences.ts';

/** An absent field stays as it is, a value replaces it completely; null removes quiet hours, and ends a pause. */
export interface PreferencesFields {
  channels?: Readonly<Record<string, boolean | undefined>> | undefined;
  categories?: Wishes | undefined;
  quiet_hours?: QuietHours | null | undefined;
  caps?: readonly { [Field in keyof Cap]: Cap[Field] | undefined }[] | undefined;
  /** RFC 3339. */
  paused_until?: string | null | undefined;
}

export interface PutPreferences {
  row: PreferencesRow;
  /** Whether the quiet hours or the pause changed. */
  holdChanged: boolean;
  /** The priorities whose relays have something to do. */
  woken: Priority[];
}

/**
 * Changes a recipient's preferences. The change applies to every call whose first byte is not written yet when the
 * change is answered; notifications held by changed quiet hours or a changed
 * pause are checked again in the same commit.
 *
 * Not audited row by row, like all user data that apps mirror here at full speed.
 *
 * @returns null if the tenant has no such recipient.
 */
export async function putPreferences(
  sql: Sql,
  tenant: Tenant,
  recipientId: string,
  fields: PreferencesFields,
): Promise<PutPreferences | null> {
  const { quiet_hours: hours, paused_until: pausedUntil } = fields;
  if (hours === undefined && pausedUntil === undefined) {
    const row = await upsert(sql, tenant, recipientId, fields);
    return row && { row, holdChanged: false, woken: [] };
  }
  return sql.begin(async (tx) => {
    const [before] = await tx<{ same: boolean }[]>`
      select (${hours === undefined} or quiet_hours is not distinct from ${json(hours)}::text::jsonb)
        and (${pausedUntil === undefined} or paused_until is not distinct from ${pausedUntil ?? null}::text::timestamptz)
        as same
      from user_preferences
      where app_id = ${tenant.appId} and environment = ${tenant.environment} and recipient_id = ${recipientId}
      for update`;
    const row = await upsert(tx, tenant, recipientId, fields);
    if (row === null) return null;
    const holdChanged = before?.same !== true;
    return { row, holdChanged, woken: holdChanged ? await wakeHeld(tx, tenant, recipientId) : [] };
  });
}

const json = (value: unknown): string | null => (value == null ? null : JSON.stringify(value));

async function upsert(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  recipientId: string,
  { channels, categories, quiet_hours: quietHours, caps, paused_until: pausedUntil }: PreferencesFields,
): Promise<PreferencesRow | null> {
  const [row] = await sql<PreferencesRow[]>`
    insert into user_preferences as p (app_id, environment, recipient_id, channels, categories, quiet_hours, caps,
      paused_until)
    select app_id, environment, id, coalesce(${json(channels)}::text::jsonb, '{}'),
      coalesce(${json(categories)}::text::jsonb, '{}'), ${json(quietHours)}::text::jsonb,
      coalesce(${json(caps)}::text::jsonb, '[]'), ${pausedUntil ?? null}::text::timestamptz
    from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
    -- Erased at the same moment: then it is no longer there, rather than a foreign key's error.
    for key share
    on conflict (app_id, environment, recipient_id) do update set
      channels = case when ${channels !== undefined} then excluded.channels else p.channels end,
      categories = case when ${categories !== undefined} then excluded.categories else p.categories end,
      quiet_hours = case when ${quietHours !== undefined} then excluded.quiet_hours else p.quiet_hours end,
      caps = case when ${caps !== undefined} then excluded.caps else p.caps end,
      paused_until = case when ${pausedUntil !== undefined} then excluded.paused_until else p.paused_until end,
      updated_at = now()
    returning channels, categories, quiet_hours, caps, to_jsonb(paused_until) as paused_until,
      updated_at as "updatedAt"`;
  return row ?? null;
}

/**
 * A person opts out of a category: stored as a preference where the app knows the person, else as a suppression of the
 * address (a bare address has no categories). Idempotent.
 *
 * @param wanted false opts out, true opts in again (a preference only: a suppression is lifted by the app).
 * @param cause the receipt that says so; without one, the person used our own link.
 */
export async function optOut(
  sql: Sql | TransactionSql,
  link: UnsubscribeLink,
  wanted = false,
  cause?: SuppressionCause,
): Promise<void> {
  const { appId, environment, category, recipientId, addressHash } = link;
  if (recipientId !== undefined) {
    await sql`
      insert into user_preferences (app_id, environment, recipient_id, categories)
      select app_id, environment, id, jsonb_build_object(${categoryName(category)}::text, ${wanted}::boolean) from recipients
      where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
      on conflict (app_id, environment, recipient_id)
      do update set categories = user_preferences.categories || excluded.categories, updated_at = now()`;
  } else if (addressHash !== undefined && !wanted) {
    await sql`
      insert into suppressions (app_id, environment, channel, address_hash, reason, detail, added_by, provider_account,
        event_id, notification_id)
      values (${appId}, ${environment}, 'email', ${Buffer.from(addressHash, 'hex')}, 'unsubscribe',
        ${`left the category ${category}`}, ${cause === undefined ? 'recipient' : 'provider'},
        ${cause?.account ?? null}, ${cause?.eventId ?? null}, ${cause?.notificationId ?? null})
      on conflict do nothing`;
  }
}

/**
 * Sets what a person chose on their page; what the page does not offer stays. Nothing for a recipient who is not there.
 *
 * @param choices by canonical name.
 */
export async function choose(
  sql: Sql | TransactionSql,
  { appId, environment, recipientId }: Tenant & { recipientId: string },
  choices: { channels: Readonly<Record<string, boolean>>; categories: Wishes },
): Promise<void> {
  await sql`
    insert into user_preferences as p (app_id, environment, recipient_id, channels, categories)
    select app_id, environment, id, ${json(choices.channels)}::text::jsonb, ${json(choices.categories)}::text::jsonb
    from recipients where app_id = ${appId} and environment = ${environment} and id = ${recipientId}
    for key share
    on conflict (app_id, environment, recipient_id) do update set
      channels = p.channels || excluded.channels, categories = p.categories || excluded.categories, updated_at = now()`;
}
