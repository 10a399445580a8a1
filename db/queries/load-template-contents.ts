import type { Channel } from '@carillon/core/channel';
import type { Content } from '@carillon/core/message';
import type { Sql } from 'postgres';

/** All locales of one published version of a template for a channel. Versions never change: safe to cache. */
export async function loadTemplateContents(
  sql: Sql,
  templateId: string,
  version: number,
  channel: Channel,
): Promise<{ locale: string; content: Content }[]> {
  return sql<{ locale: string; content: Content }[]>`
    select locale, content from template_versions
    where template_id = ${templateId} and version = ${version} and channel = ${channel}
    order by locale
  `;
}
