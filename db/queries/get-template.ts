import type { Sql } from 'postgres';
import type { Tenant } from '../tenant.ts';
import type { TemplateText } from './put-template.ts';

export interface TemplateRow {
  id: string;
  key: string;
  /** The version that was asked for. */
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
  sql: Sql,
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
          'requiredVariables', required_variables) order by channel, locale
      ) as texts
      from template_versions
      where template_id = t.id and version = coalesce(${version ?? null}::int, t.published_version)
      group by version
    ) v
    where t.app_id = ${tenant.appId} and t.environment = ${tenant.environment} and t.key = ${key}`;
  return row ?? null;
}
