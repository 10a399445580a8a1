import type { Channel } from '@carillon/core/notification/channel';
import { type DraftTexts, type PlacedText, textsByChannel } from '@carillon/core/template/draft';
import type { Sql, TransactionSql } from 'postgres';
import type { Tenant } from '../connection/tenant.ts';

/** What somebody who edits a template begins with: its draft, or its published texts where there is none. */
export interface DraftRow {
  key: string;
  templateId: string;
  /** 0 if none is. */
  publishedVersion: number;
  /** False for the published texts. */
  saved: boolean;
  texts: DraftTexts;
  /** The version that was published when the draft was begun. */
  basedOn: number;
  updatedBy: string | null;
  updatedAt: Date | null;
}

/** Null if the tenant has no such template, neither published nor as a draft. */
export async function getDraft(
  sql: Sql | TransactionSql,
  { appId, environment }: Tenant,
  key: string,
): Promise<DraftRow | null> {
  const [row] = await sql<
    (Omit<DraftRow, 'saved' | 'texts' | 'basedOn'> & {
      texts: DraftTexts | null;
      basedOn: number | null;
      published: PlacedText[] | null;
    })[]
  >`
    select t.key, t.id as "templateId", t.published_version as "publishedVersion", d.texts, d.based_on as "basedOn",
      d.updated_by as "updatedBy", d.updated_at as "updatedAt", (
        select jsonb_agg(
          jsonb_build_object('channel', channel, 'locale', locale, 'content', coalesce(source, content)) order by channel, locale
        )
        from template_versions v
        where d.template_id is null and v.template_id = t.id and v.version = t.published_version
      ) as published
    from templates t
    left join template_drafts d on d.template_id = t.id
    where t.app_id = ${appId} and t.environment = ${environment} and t.key = ${key}`;
  if (!row) return null;
  const { texts, basedOn, published, ...rest } = row;
  if (texts === null && published === null) return null;
  return {
    ...rest,
    saved: texts !== null,
    texts: texts ?? textsByChannel(published!),
    basedOn: basedOn ?? rest.publishedVersion,
  };
}

export interface VersionRow {
  version: number;
  createdAt: Date;
  createdBy: string;
  restoredFrom: number | null;
  channels: Partial<Record<Channel, string[]>>;
}

/**
 * The versions of a template, newest first.
 *
 * @param before the last version of the previous page.
 */
export async function listVersions(
  sql: Sql,
  templateId: string,
  before: number | undefined,
  limit: number,
): Promise<VersionRow[]> {
  return sql<VersionRow[]>`
    select version, min(created_at) as "createdAt", min(created_by) as "createdBy",
      min(restored_from) as "restoredFrom", jsonb_object_agg(channel, locales) as channels
    from (
      select version, channel, jsonb_agg(locale order by locale) as locales, min(created_at) as created_at,
        min(created_by) as created_by, min(restored_from) as restored_from
      from template_versions
      where template_id = ${templateId} ${before === undefined ? sql`` : sql`and version < ${before}`}
      group by version, channel
    ) as by_channel
    group by version order by version desc limit ${limit}`;
}
