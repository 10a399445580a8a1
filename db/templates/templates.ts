import type { Channel } from '@carillon/core/notification/channel';
import type { Environment } from '@carillon/core/notification/environment';
import type { Content } from '@carillon/core/notification/message';
import type { UsedPart } from '@carillon/core/template/compile/parts';
import type { SourceContent } from '@carillon/core/template/draft';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

export interface TemplateText {
  channel: Channel;
  locale: string;
  /** What is rendered. */
  content: Content;
  /** What its author wrote, where that differs. */
  source: SourceContent | null;
  requiredVariables: string[];
  /** The layouts and partials in it. */
  parts: UsedPart[];
  /** Which filters and tags it is rendered with. */
  engineVersion: number;
}

/** A text that is to be published: without parts, and with the filters of now, unless it says otherwise. */
export type NewTemplateText = Omit<TemplateText, 'source' | 'parts' | 'engineVersion'> &
  Partial<Pick<TemplateText, 'source' | 'parts' | 'engineVersion'>>;

export interface TemplateRow {
  id: string;
  key: string;
  /** The requested version. */
  version: number;
  publishedVersion: number;
  createdAt: Date;
  updatedAt: Date;
  texts: TemplateText[];
}

/**
 * A template of this tenant in its published version, or in another one; null if the tenant has no such template or
 * the template no such version.
 */
export async function getTemplate(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  key: string,
  version?: number,
): Promise<TemplateRow | null> {
  const [row] = await sql<TemplateRow[]>`
    select t.id, t.key, v.version, t.published_version as "publishedVersion", t.created_at as "createdAt",
      t.updated_at as "updatedAt", v.texts
    from templates t
    cross join lateral (
      select version, jsonb_agg(
        jsonb_build_object('channel', channel, 'locale', locale, 'content', content,
          'source', source, 'requiredVariables', required_variables, 'parts', parts, 'engineVersion', engine_version)
          order by channel, locale
      ) as texts
      from template_versions
      where template_id = t.id and version = coalesce(${version ?? null}::int, t.published_version)
      group by version
    ) v
    where t.app_id = ${tenant.appId} and t.environment = ${tenant.environment} and t.key = ${key}`;
  return row ?? null;
}

export interface ListedTemplate {
  key: string;
  version: number;
  createdAt: Date;
  updatedAt: Date;
  /** The locales of each channel of the published version, or of the draft where none is published. */
  channels: Partial<Record<Channel, string[]>>;
  draft: { updatedAt: Date; updatedBy: string } | null;
}

/**
 * The tenant's templates by key (bytewise), after the given one.
 *
 * @param drafts also those of which no version was ever published.
 */
export async function listTemplates(
  sql: Sql,
  tenant: Tenant,
  after: string | undefined,
  limit: number,
  drafts = false,
): Promise<ListedTemplate[]> {
  const rows = await sql<
    (Omit<ListedTemplate, 'draft'> & { draftedAt: Date | null; draftedBy: string | null })[]
  >`
    select t.key, t.published_version as version, t.created_at as "createdAt", t.updated_at as "updatedAt",
      coalesce(v.channels, (
        select jsonb_object_agg(channel, (select jsonb_agg(locale order by locale) from jsonb_object_keys(of) as locale))
        from jsonb_each(d.texts) as e (channel, of)
      ), '{}') as channels, d.updated_at as "draftedAt", d.updated_by as "draftedBy"
    from templates t
    left join template_drafts d on d.template_id = t.id
    cross join lateral (
      select jsonb_object_agg(channel, locales) as channels
      from (
        select channel, jsonb_agg(locale order by locale) as locales from template_versions
        where template_id = t.id and version = t.published_version group by channel
      ) c
    ) v
    where t.app_id = ${tenant.appId} and t.environment = ${tenant.environment} 
      and ${drafts ? sql`(t.published_version > 0 or d.template_id is not null)` : sql`t.published_version > 0`}
      ${after === undefined ? sql`` : sql`and t.key collate "C" > ${after}`}
    order by t.key collate "C"
    limit ${limit}`;
  return rows.map(({ draftedAt, draftedBy, ...row }) => ({
    ...row,
    draft: draftedAt === null ? null : { updatedAt: draftedAt, updatedBy: draftedBy! },
  }));
}

export interface WantedTemplate {
  app_id: string;
  environment: Environment;
  key: string;
}

export interface PublishedTemplate extends WantedTemplate {
  id: string;
  version: number;
  /** Every channel and locale of the published version, with the variables that `data` must contain. */
  variants: { channel: Channel; locale: string; required: string[] }[];
}

/**
 * The published versions of all templates that a group of requests names, in one query. Unknown ones are not returned.
 */
export async function findPublishedTemplates(
  sql: Sql | TransactionSql,
  wanted: readonly WantedTemplate[],
): Promise<PublishedTemplate[]> {
  return sql<PublishedTemplate[]>`
    select t.app_id, t.environment, t.key, t.id, t.published_version as version,
      json_agg(json_build_object('channel', v.channel, 'locale', v.locale, 'required', v.required_variables)) as variants
    from json_to_recordset(${JSON.stringify(wanted)}::text::json) as w (app_id uuid, environment text, key text)
    join templates t on t.app_id = w.app_id and t.environment = w.environment and t.key = w.key
    join template_versions v on v.template_id = t.id and v.version = t.published_version
    group by t.id`;
}

/** All locales of one published version of a template for a channel. Versions never change: safe to cache. */
export async function loadTemplateContents(
  sql: Sql,
  templateId: string,
  version: number,
  channel: Channel,
): Promise<{ locale: string; content: Content; engine: number }[]> {
  return sql<{ locale: string; content: Content; engine: number }[]>`
    select locale, content, engine_version as engine from template_versions
    where template_id = ${templateId} and version = ${version} and channel = ${channel}
    order by locale
  `;
}
