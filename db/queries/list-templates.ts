import type { Channel } from '@carillon/core/channel';
import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';

export interface ListedTemplate {
  key: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** The locales of each channel of the published version. */
  channels: Partial<Record<Channel, string[]>>;
}

/** The tenant's templates by key (bytewise), after the given one. */
export async function listTemplates(
  sql: Sql,
  tenant: Tenant,
  after: string | undefined,
  limit: number,
): Promise<ListedTemplate[]> {
  return sql<ListedTemplate[]>`
    select t.key, t.published_version as version, t.created_at as "createdAt", t.updated_at as "updatedAt", v.channels
    from templates t
    cross join lateral (
      select jsonb_object_agg(channel, locales) as channels
      from (
        select channel, jsonb_agg(locale order by locale) as locales from template_versions
        where template_id = t.id and version = t.published_version group by channel
      ) c
    ) v
    where t.app_id = ${tenant.appId} and t.environment = ${tenant.environment} and t.published_version > 0
      ${after === undefined ? sql`` : sql`and t.key collate "C" > ${after}`}
    order by t.key collate "C"
    limit ${limit}`;
}
