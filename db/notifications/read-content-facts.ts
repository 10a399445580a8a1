import type { Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import type { AttemptFacts, ContentFacts } from '@carillon/core/notification/sent-content';
import { categoryName } from '@carillon/core/provider/visible-text';
import type { Sql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';
import { findPersonal } from '../recipients/people.ts';

type Found = Omit<ContentFacts, 'template' | 'settings' | 'personal' | 'attempts'> & {
  templateId: string | null;
  templateVersion: number | null;
};

type Settings = ContentFacts['settings'];

/**
 * Everything from which the content of a notification is made. Its category, the sender of an account and the person's
 * locale and time zone are the current ones; template version, data and locale are those at acceptance.
 *
 * @param tenant null for all apps (the dashboard).
 * @returns null if there is no such notification.
 */
export async function readContentFacts(
  sql: Sql,
  tenant: Tenant | null,
  id: string,
): Promise<ContentFacts | null> {
  const [row] = await sql<Found[]>`
    select id, app_id as "appId", environment, channel, route, priority, category, recipient_id as "recipientId", address,
      locale, data, content, options, template_id as "templateId", template_version as "templateVersion",
      redacted_at is not null as redacted
    from notifications
    where id = ${id}::uuid
      ${tenant === null ? sql`` : sql`and app_id = ${tenant.appId} and environment = ${tenant.environment}`}`;
  if (!row) return null;
  const { templateId, templateVersion, ...found } = row;
  const { appId, environment, recipientId, category } = found;
  const [texts, attempts, settings, [personal]] = await Promise.all([
    templateId === null
      ? []
      : sql<{ channel: Channel; locale: string; content: Content; engine: number }[]>`
          select channel, locale, content, engine_version as engine from template_versions
          where template_id = ${templateId} and version = ${templateVersion} order by channel, locale`,
    sql<AttemptFacts[]>`
      select a.n, a.channel, a.provider as account, a.outcome, p.provider, p.settings ->> 'from' as from
      from delivery_attempts a left join provider_accounts p on p.id = a.provider
      where a.notification_id = ${id}::uuid order by a.n`,
    settingsOf(sql, found, category),
    findPersonal(sql, [{ appId, environment, recipientId }]),
  ]);
  const template = templateId === null ? null : { id: templateId, version: templateVersion!, texts };
  return { ...found, template, attempts, settings, personal: personal! };
}

/** The category's own row (the newer form of its name first), else the app's `*`, else null. */
async function settingsOf(
  sql: Sql,
  { appId, environment }: Tenant,
  category: string | null,
): Promise<Settings> {
  const names = category === null ? ['*'] : [categoryName(category), category, '*'];
  const [row] = await sql<Settings[]>`
    select secret, unsubscribable, track_opens as "trackOpens", track_clicks as "trackClicks"
    from categories
    where app_id = ${appId} and environment = ${environment} and name = any (${names}::text[])
    order by array_position(${names}::text[], name)
    limit 1`;
  return row ?? { secret: false, unsubscribable: false, trackOpens: false, trackClicks: false };
}
