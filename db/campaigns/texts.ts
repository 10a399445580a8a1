import type { CampaignContent } from '@carillon/core/campaign/campaign';
import type { FanOutTexts } from '@carillon/core/campaign/fan-out';
import type { Sql } from 'postgres';

/** The channels and locales of pinned template versions, with the variables that each prints; by variant. */
export async function loadTexts(
  sql: Sql,
  content: readonly CampaignContent[],
): Promise<ReadonlyMap<number, FanOutTexts>> {
  const wanted = content.map(({ template_id: id, version }) => ({ id, version }));
  const rows = await sql<
    {
      id: string;
      version: number;
      channel: FanOutTexts['variants'][number]['channel'];
      locale: string;
      required: string[];
    }[]
  >`
    select v.template_id as id, v.version, v.channel, v.locale, v.required_variables as required
    from json_to_recordset(${JSON.stringify(wanted)}::text::json) as w (id uuid, version int)
    join template_versions v on v.template_id = w.id and v.version = w.version
    order by v.channel, v.locale`;
  return new Map(
    content.map(({ variant, template_id: templateId, version }) => [
      variant,
      {
        templateId,
        version,
        variants: rows.filter((row) => row.id === templateId && row.version === version),
      },
    ]),
  );
}
