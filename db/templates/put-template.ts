import { canonicalJson } from '@carillon/core/notification/request-hash';
import { CURRENT_ENGINE } from '@carillon/core/template/syntax/engine-version';
import type { Sql, TransactionSql } from 'postgres';
import { audit } from '../audit/audit.ts';
import type { Tenant } from '../connection/tenant.ts';
import { getTemplate, type NewTemplateText, type TemplateRow } from './templates.ts';

export interface Published {
  version: number;
  /** False if the published version was already identical: then nothing was written. */
  published: boolean;
  created: boolean;
}

/** A template whose row is locked. */
export interface LockedTemplate {
  id: string;
  /** The published version; 0 if none is. */
  version: number;
}

/**
 * Publishes a new version of a template with these texts and no others; notifications accepted before keep their
 * version. Two concurrent calls publish one after the other.
 *
 * @param texts checked before; at least one.
 * @param actor `key:<key id>`.
 * @param unchanged throws if the published version is not the one that the change starts from. Not asked if the texts
 *   are published already: then the change was made before.
 */
export async function putTemplate(
  sql: Sql,
  tenant: Tenant,
  key: string,
  texts: readonly NewTemplateText[],
  actor: string,
  unchanged?: (current: TemplateRow | null) => void,
): Promise<Published> {
  return sql.begin(async (tx): Promise<Published> => {
    const locked = await lockTemplate(tx, tenant, key);
    return publishTexts(
      tx,
      tenant,
      { key, locked, texts },
      actor,
      unchanged && (async () => unchanged(await getTemplate(tx, tenant, key))),
    );
  });
}

/** Locks a template until the end of the transaction; a new key gets a row without a version. */
export async function lockTemplate(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  key: string,
): Promise<LockedTemplate> {
  await tx`
    insert into templates (app_id, environment, key, published_version)
    values (${appId}, ${environment}, ${key}, 0)
    on conflict (app_id, environment, key) do nothing`;
  const [template] = await tx<[LockedTemplate]>`
    select id, published_version as version from templates
    where app_id = ${appId} and environment = ${environment} and key = ${key}
    for update`;
  return template;
}

/**
 * Publishes texts as the next version of a locked template, unless the published one is identical.
 *
 * @param input.restoredFrom the version that a rollback brings back.
 * @param check throws if the change must not be made.
 */
export async function publishTexts(
  tx: TransactionSql,
  { appId, environment }: Tenant,
  input: {
    key: string;
    locked: LockedTemplate;
    texts: readonly NewTemplateText[];
    restoredFrom?: number;
  },
  actor: string,
  check: () => Promise<void> = async () => {},
): Promise<Published> {
  const { key, locked, texts, restoredFrom = null } = input;
  const { id, version } = locked;
  const current = await tx<Meaningful[]>`
    select channel, locale, content, source from template_versions where template_id = ${id} and version = ${version}`;
  if (meaning(current) === meaning(texts)) return { version, published: false, created: false };
  await check();

  const next = version + 1;
  await tx`
    insert into template_versions (
      template_id, version, channel, locale, content, required_variables, created_by, restored_from, source, parts,
      engine_version
    )
    select ${id}::uuid, ${next}, x.channel, x.locale, x.content,
      array(select jsonb_array_elements_text(x."requiredVariables")), ${actor}, ${restoredFrom}::int,
      nullif(x.source, 'null'), coalesce(x.parts, '[]'), coalesce(x."engineVersion", ${CURRENT_ENGINE})
    from json_to_recordset(${JSON.stringify(texts)}::text::json) as x (
      channel text, locale text, content jsonb, "requiredVariables" jsonb, source jsonb, parts jsonb,
      "engineVersion" smallint
    )`;
  await tx`update templates set published_version = ${next}, updated_at = now() where id = ${id}`;
  await audit(tx, {
    appId,
    actor,
    action: restoredFrom === null ? 'template.publish' : 'template.rollback',
    subject: `template:${key}`,
    detail: {
      environment,
      version: next,
      ...(restoredFrom === null ? {} : { restored_from: restoredFrom }),
      texts: texts.map(({ channel, locale }) => `${channel}/${locale}`),
    },
  });
  return { version: next, published: true, created: version === 0 };
}

type Meaningful = Pick<NewTemplateText, 'channel' | 'locale' | 'content' | 'source'>;

/** What is rendered and what its author sees of it. */
function meaning(texts: readonly Meaningful[]): string {
  const byPlace = texts.map(
    ({ channel, locale, content, source = null }) => [`${channel}/${locale}`, { content, source }] as const,
  );
  return canonicalJson(Object.fromEntries(byPlace));
}
