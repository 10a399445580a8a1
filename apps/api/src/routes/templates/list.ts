import { listTemplates } from '@carillon/db/templates/templates';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';

const locales = z.array(z.string()).optional();

const listedSchema = z
  .object({
    key: z.string(),
    version: z.int().describe('The published one; 0 if none is.'),
    channels: z
      .object({ email: locales, sms: locales, push: locales, in_app: locales })
      .describe('The locales of each channel.'),
    draft: z
      .object({ updated_at: z.iso.datetime(), updated_by: z.string() })
      .nullable()
      .describe('What somebody is writing.'),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .openapi('ListedTemplate');

const route = createRoute({
  method: 'get',
  path: '/v1/templates',
  operationId: 'listTemplates',
  summary: 'List templates by key',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: {
    query: z.strictObject({
      ...pageQuery,
      drafts: z
        .enum(['true', 'false'])
        .optional()
        .describe('`true`: also templates that have a draft and were never published.'),
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(listedSchema).openapi('TemplatePage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListTemplates(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\0]{1,255}$/]);
    const rows = await listTemplates(db.sql, c.get('caller'), after, limit + 1, query.drafts === 'true');
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(({ key, version, channels, draft, createdAt, updatedAt }) => ({
          key,
          version,
          channels,
          draft: draft && { updated_at: draft.updatedAt.toISOString(), updated_by: draft.updatedBy },
          created_at: createdAt.toISOString(),
          updated_at: updatedAt.toISOString(),
        })),
        next_cursor: rows.length > limit && last ? toCursor([last.key]) : null,
      },
      200,
    );
  });
}
