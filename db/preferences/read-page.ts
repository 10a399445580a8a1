import type { Environment } from '@carillon/core/notification/environment';
import type { Brand } from '@carillon/core/recipient/brand';
import type { ByLocale } from '@carillon/core/recipient/locale';
import type { Wishes } from '@carillon/core/recipient/preferences';
import type { Sql } from 'postgres';

/** A category as the page of a recipient shows it. */
export interface PageCategory {
  name: string;
  titles: ByLocale;
  descriptions: ByLocale;
  unsubscribable: boolean;
  defaultOn: boolean;
  locked: boolean;
}

/** What the page behind a link of a recipient shows. */
export interface PageFacts {
  app: { name: string; brand: Brand | null };
  /** Null for a bare address, and for a recipient who is not there any more. */
  recipient: {
    locale: string | null;
    kinds: string[];
    channels: Record<string, boolean>;
    categories: Wishes;
    /** RFC 3339. */
    pausedUntil: string | null;
    /** The recipient's, else the app's, else UTC. */
    timeZone: string;
  } | null;
  /** By name; `*` and those that belong to other environments are left out. */
  categories: PageCategory[];
}

/** Null if there is no such app. */
export async function readPage(
  sql: Sql,
  of: { appId: string; environment: Environment; recipientId?: string | undefined },
): Promise<PageFacts | null> {
  const { appId, environment, recipientId = null } = of;
  const [row] = await sql<PageFacts[]>`
    select jsonb_build_object('name', a.name, 'brand', a.brand) as app,
      (
        select jsonb_build_object(
          'locale', r.locale,
          'kinds', array(
            select distinct kind from contact_points c
            where c.app_id = r.app_id and c.environment = r.environment and c.recipient_id = r.id and c.disabled_at is null
          ),
          'channels', coalesce(p.channels, '{}'), 'categories', coalesce(p.categories, '{}'),
          'pausedUntil', p.paused_until, 'timeZone', coalesce(r.time_zone, a.time_zone, 'UTC')
        )
        from recipients r
        left join user_preferences p
          on p.app_id = r.app_id and p.environment = r.environment and p.recipient_id = r.id
        where r.app_id = a.id and r.environment = ${environment} and r.id = ${recipientId}
      ) as recipient,
      coalesce((
        select jsonb_agg(jsonb_build_object(
          'name', name, 'titles', titles, 'descriptions', descriptions, 'unsubscribable', unsubscribable,
          'defaultOn', default_on, 'locked', locked
        ) order by name collate "C")
        from categories c where c.app_id = a.id and c.environment = ${environment} and name <> '*'
      ), '[]') as categories
    from apps a where a.id = ${appId}`;
  return row ?? null;
}
