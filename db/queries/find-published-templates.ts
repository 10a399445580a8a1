import type { Channel } from '@carillon/core/channel';
import type { Environment } from '@carillon/core/environment';
import type { Sql } from 'postgres';

export interface WantedTemplate {
  app_id: string;
  environment: Environment;
  key: string;
}

export interface PublishedTemplate extends WantedTemplate {
  id: string;
  version: number;
  /** Every channel and locale of the published version, with the variables `data` must bring. */
  variants: { channel: Channel; locale: string; required: string[] }[];
}

/** The published versions of all templates that a group of requests names, in one go. Unknown ones are not returned. */
export async function findPublishedTemplates(
  sql: Sql,
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
