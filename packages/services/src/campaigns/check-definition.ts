import type { CampaignContent, CampaignDefinition } from '@carillon/core/campaign/campaign';
import { categoryName } from '@carillon/core/provider/visible-text';
import { type FieldError, ProblemError } from '@carillon/core/text/problem';
import type { Tenant } from '@carillon/db/connection/tenant';
import { getCategory } from '@carillon/db/preferences/categories';
import { getDraft } from '@carillon/db/templates/drafts';
import { getTemplate, type TemplateRow } from '@carillon/db/templates/templates';
import type { Sql, TransactionSql } from 'postgres';
import { filterOfAudience, keysOf, resolveAudience } from '../audiences/resolve.ts';
import { refusedField } from '../context.ts';

/** A text of a campaign: where the request names it, and its published version; null if it has only a draft. */
export interface CampaignText {
  path: string;
  key: string;
  /** The key of the variant; of a campaign without variants `default`. */
  name: string;
  template: TemplateRow | null;
}

/**
 * Looks up what a campaign names, as far as it names it: templates with a text for each channel, a category that people
 * can opt out of (for e-mail), an audience.
 *
 * @returns its texts, in the order of the variants.
 * @throws ProblemError 422 `unknown_template`, `unknown_audience`, `invalid_request`.
 */
export async function checkDefinition(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  definition: CampaignDefinition,
): Promise<CampaignText[]> {
  const texts = await textsOf(sql, tenant, definition);
  await checkCategory(sql, tenant, definition);
  const { audience } = definition;
  if (audience !== undefined && audience.recipient_ids === undefined) {
    const path = audience.filter === undefined ? 'audience.audience' : 'audience.filter';
    await resolveAudience(sql, tenant, filterOfAudience(audience), { path });
  }
  return texts;
}

/** The templates of a campaign. @throws ProblemError 422 `unknown_template`. */
export async function textsOf(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  { template, variants, route }: CampaignDefinition,
): Promise<CampaignText[]> {
  const named =
    variants.length > 0
      ? variants.map((variant, n) => ({
          path: `variants.${n}.template`,
          key: variant.template,
          name: variant.key,
        }))
      : template === undefined
        ? []
        : [{ path: 'template', key: template, name: 'default' }];
  const texts: CampaignText[] = [];
  for (const { path, key, name } of named) {
    const found = await getTemplate(sql, tenant, key);
    if (found === null && (await getDraft(sql, tenant, key)) === null)
      throw unknownTemplate(
        path,
        `there is no template ${JSON.stringify(key)} in this app and environment; GET /v1/templates lists them`,
      );
    if (found !== null) {
      const has = [...new Set(found.texts.map(({ channel }) => channel))];
      const lacking = route.filter((channel) => !has.includes(channel));
      if (lacking.length > 0)
        throw unknownTemplate(
          path,
          `template ${JSON.stringify(key)} version ${found.version} has no ${lacking.join(' and no ')} text; it has ${has.join(', ')}. Add one, or change the route`,
        );
    }
    texts.push({ path, key, name, template: found });
  }
  return texts;
}

/** What is pinned of these texts. @throws ProblemError 422 `not_published` for those that have only a draft. */
export function pinned(texts: readonly CampaignText[], { variants }: CampaignDefinition): CampaignContent[] {
  const drafts = texts.filter(({ template }) => template === null);
  if (drafts.length > 0) throw notPublished(drafts);
  return texts.map(({ key, name, template }, n) => ({
    variant: variants.length === 0 ? 0 : n + 1,
    key: name,
    template: key,
    template_id: template!.id,
    version: template!.version,
  }));
}

/** The audiences that a campaign names itself. */
export function audienceKeysOf({ audience }: CampaignDefinition): string[] {
  return audience === undefined || audience.recipient_ids !== undefined
    ? []
    : keysOf(filterOfAudience(audience));
}

/**
 * What a campaign must have before it can be reviewed or scheduled.
 *
 * @throws ProblemError 422 that names each missing member.
 */
export function assertComplete({ template, variants, route, audience }: CampaignDefinition): void {
  const errors: FieldError[] = [];
  if (template === undefined && variants.length === 0)
    errors.push({ path: 'template', message: 'is missing; PATCH the campaign with what it sends' });
  if (route.length === 0)
    errors.push({ path: 'channel', message: 'is missing; PATCH the campaign with a channel or a route' });
  if (audience === undefined)
    errors.push({ path: 'audience', message: 'is missing; PATCH the campaign with whom it is for' });
  if (errors.length === 0) return;
  const detail = errors.map(({ path, message }) => `${path}: ${message}`).join('; ');
  throw new ProblemError('invalid_request', detail, { errors });
}

async function checkCategory(
  sql: Sql | TransactionSql,
  tenant: Tenant,
  { category, route }: CampaignDefinition,
): Promise<void> {
  if (!route.includes('email')) return;
  const remedy =
    'People must be able to opt out of what is sent to many: PUT /v1/categories/{name} with "unsubscribable": true, and name it';
  if (category === undefined)
    throw refusedField('category', `is missing, and the route has email. ${remedy}`);
  const found =
    (await getCategory(sql, tenant, categoryName(category))) ?? (await getCategory(sql, tenant, '*'));
  if (found?.unsubscribable === true && !found.locked) return;
  const why =
    found === null
      ? 'has no settings, so that nobody can opt out of it'
      : found.locked
        ? 'is locked, so that nobody can opt out of it'
        : 'is not unsubscribable';
  throw refusedField('category', `${JSON.stringify(category)} ${why}, and the route has email. ${remedy}`);
}

function unknownTemplate(path: string, message: string): ProblemError {
  return new ProblemError('unknown_template', `${path}: ${message}.`, { errors: [{ path, message }] });
}

function notPublished(drafts: readonly CampaignText[]): ProblemError {
  const errors = drafts.map(({ path, key }) => ({
    path,
    message: `template ${JSON.stringify(key)} has a draft and no published version; POST /v1/templates/${encodeURIComponent(key)}/publish first`,
  }));
  return new ProblemError(
    'not_published',
    errors.map(({ path, message }) => `${path}: ${message}`).join('; '),
    {
      errors,
    },
  );
}
