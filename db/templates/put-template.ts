import type { Channel } from '@carillon/core/notification/channel';
import type { Content } from '@carillon/core/notification/message';
import { canonicalJson } from '@carillon/core/notification/request-hash';
import type { Sql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';

export interface TemplateText {
  channel: Channel;
  locale: string;
  content: Content;
  requiredVariables: string[];
}

export interface Published {
  version: number;
  /** False if the published version was already identical: then nothing was written. */
  published: boolean;
  created: boolean;
}

/**
 * Publishes a new version of a template with these texts and no others; notifications accepted before keep their
 * version. Two concurrent calls publish one after the other.
 *
 * @param texts checked before; at least one.
 * @param actor `key:<key id>`.
 */
export async function putTemplate(
  sql: Sql,
  tenant: Tenant,
  key: string,
  texts: readonly TemplateText[],
  actor: string,
): Promise<Published> {
  const { appId, environment } = tenant;
  return sql.begin(async (tx): Promise<Published> => {
    await tx`
      insert into templates (app_id, environment, key, published_version)
      values (${appId}, ${environment}, ${key}, 0)
      on conflict (app_id, environment, key) do nothing`;
    const [template] = await tx<{ id: string; version: number }[]>`
      select id, published_version as version from templates
      where app_id = ${appId} and environment = ${environment} and key = ${key}
      for update`;
    const { id, version } = template!;
    const current = await tx<Pick<TemplateText, 'channel' | 'locale' | 'content'>[]>`
      select channel, locale, content from template_versions where template_id = ${id} and version = ${version}`;
    if (meaning(current) === meaning(texts)) return { version, published: false, created: false };

    const next = version + 1;
    await tx`
      insert into template_versions (template_id, version, channel, locale, content, required_variables, created_by)
      select ${id}::uuid, ${next}, x.channel, x.locale, x.content,
        array(select jsonb_array_elements_text(x."requiredVariables")), ${actor}
      from json_to_recordset(${JSON.stringify(texts)}::text::json) as x (
        channel text, locale text, content jsonb, "requiredVariables" jsonb
      )`;
    await tx`update templates set published_version = ${next}, updated_at = now() where id = ${id}`;
    await audit(tx, {
      appId,
      actor,
      action: 'template.publish',
      subject: `template:${key}`,
      detail: {
        environment,
        version: next,
        texts: texts.map(({ channel, locale }) => `${channel}/${locale}`),
      },
    });
    return { version: next, published: true, created: version === 0 };
  });
}

function meaning(texts: readonly Pick<TemplateText, 'channel' | 'locale' | 'content'>[]): string {
  const byPlace = texts.map(({ channel, locale, content }) => [`${channel}/${locale}`, content] as const);
  return canonicalJson(Object.fromEntries(byPlace));
}
