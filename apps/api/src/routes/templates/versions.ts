import { CHANNELS } from '@carillon/core/notification/channel';
import { diffTexts, SOURCE_FIELDS } from '@carillon/core/template/diff';
import type { DraftTexts } from '@carillon/core/template/draft';
import { getDraft, listVersions } from '@carillon/db/templates/drafts';
import { getTemplate } from '@carillon/db/templates/templates';
import { rollBackTemplate } from '@carillon/services/templates/drafts';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { sourcesOf, templateParams, templateSchema, viewTemplate } from './template-schema.ts';

const locales = z.array(z.string()).optional();

const versionSchema = z
  .object({
    version: z.int(),
    published: z.boolean().describe('New notifications get this one.'),
    channels: z
      .object({ email: locales, sms: locales, push: locales, in_app: locales })
      .describe('The locales of each channel.'),
    created_at: z.iso.datetime(),
    created_by: z.string().describe('`key:<key id>` or `staff:<e-mail>`.'),
    restored_from: z.int().nullable().describe('The version that a rollback brought back with this one.'),
  })
  .openapi('TemplateVersion');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/templates/{key}/versions',
  operationId: 'listTemplateVersions',
  summary: 'List the versions of a template, newest first',
  description: 'GET /v1/templates/{key}?version= returns the texts of one.',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: { params: templateParams, query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(versionSchema).openapi('TemplateVersionPage') } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const side = (of: string) =>
  z
    .string()
    .regex(
      /^(?:draft|published|[1-9]\d{0,8})$/,
      'is not a version; give a whole number, "published" or "draft"',
    )
    .optional()
    .describe(`A version, \`published\` or \`draft\`; \`${of}\` unless given.`);

const diffSchema = z
  .object({
    key: z.string(),
    from: z.union([z.int(), z.literal('draft')]).describe('A version, or the draft.'),
    to: z.union([z.int(), z.literal('draft')]),
    changes: z.array(
      z.object({
        channel: z.enum(CHANNELS),
        locale: z.string(),
        field: z.enum(SOURCE_FIELDS),
        change: z.enum(['added', 'removed', 'changed']),
        before: z.string().nullable(),
        after: z.string().nullable(),
      }),
    ),
  })
  .openapi('TemplateDiff');

const diffRoute = createRoute({
  method: 'get',
  path: '/v1/templates/{key}/diff',
  operationId: 'diffTemplate',
  summary: 'What differs between two versions of a template',
  description: 'By channel, locale and field. Without parameters: what publishing the draft would change.',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: {
    params: templateParams,
    query: z.strictObject({ from: side('published'), to: side('draft') }),
  },
  responses: {
    200: { description: 'The differences.', content: { 'application/json': { schema: diffSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

const rollbackRoute = createRoute({
  method: 'post',
  path: '/v1/templates/{key}/rollback',
  operationId: 'rollBackTemplate',
  summary: 'Publish an earlier version of a template again',
  description:
    'As a new version with the same texts, so that the history only grows; it renders as the earlier one did. Nothing happens if those texts are published. A draft stays.',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: {
    params: templateParams,
    headers: z.object(ifMatchHeader),
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({ version: z.int().min(1).max(999_999_999) })
            .openapi('RollBackTemplateRequest', { example: { version: 3 } }),
        },
      },
    },
  },
  responses: {
    200: {
      description: 'Published.',
      headers: etagHeader,
      content: { 'application/json': { schema: templateSchema } },
    },
    ...problemResponses('malformed_json', 'not_found', 'conflict', 'invalid_request'),
  },
});

export function registerTemplateVersions(app: Api, deps: ApiDeps): void {
  const { db } = deps;
  const textsAt = async (
    caller: Caller,
    key: string,
    at: string,
  ): Promise<{ at: number | 'draft'; texts: DraftTexts }> => {
    if (at === 'draft') {
      const draft = await getDraft(db.sql, caller, key);
      if (draft === null) throw noSuchTemplate(key);
      return { at: draft.saved ? 'draft' : draft.publishedVersion, texts: draft.texts };
    }
    const version = at === 'published' ? undefined : Number(at);
    const template = await getTemplate(db.sql, caller, key, version);
    if (template !== null) return { at: template.version, texts: sourcesOf(template) };
    // A draft of a template that was never published differs from nothing.
    if (version === undefined && (await getDraft(db.sql, caller, key)) !== null) return { at: 0, texts: {} };
    throw noSuchTemplate(key, version);
  };

  app.openapi(listRoute, async (c) => {
    const { key } = c.req.valid('param');
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [before] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[1-9]\d{0,8}$/]);
    const template = await getDraft(db.sql, c.get('caller'), key);
    if (template === null) throw noSuchTemplate(key);
    const { templateId, publishedVersion } = template;
    const after = before === undefined ? undefined : Number(before);
    const rows = await listVersions(db.sql, templateId, after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map((row) => ({
          version: row.version,
          published: row.version === publishedVersion,
          channels: row.channels,
          created_at: row.createdAt.toISOString(),
          created_by: row.createdBy,
          restored_from: row.restoredFrom,
        })),
        next_cursor: rows.length > limit && last ? toCursor([String(last.version)]) : null,
      },
      200,
    );
  });

  app.openapi(diffRoute, async (c) => {
    const caller = c.get('caller');
    const { key } = c.req.valid('param');
    const { from = 'published', to = 'draft' } = c.req.valid('query');
    const [before, after] = await Promise.all([textsAt(caller, key, from), textsAt(caller, key, to)]);
    const changes = diffTexts(before.texts, after.texts);
    return c.json({ key, from: before.at, to: after.at, changes }, 200);
  });

  app.openapi(rollbackRoute, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const { version } = c.req.valid('json');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewTemplate);
    const input = { tenant, key, version, unchanged };
    const view = viewTemplate(await rollBackTemplate(serviceContext(tenant, deps), input));
    return c.json(view, 200, etagOf(view));
  });
}
