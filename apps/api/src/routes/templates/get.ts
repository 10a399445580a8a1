import { getTemplate } from '@carillon/db/templates/templates';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { templateParams, templateSchema, versionQuery, viewTemplate } from './template-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/templates/{key}',
  operationId: 'getTemplate',
  summary: 'Look up a template',
  tags: ['Templates'],
  ...needs('templates:*'),
  request: { params: templateParams, query: z.strictObject({ version: versionQuery }) },
  responses: {
    200: { description: 'The template.', content: { 'application/json': { schema: templateSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerGetTemplate(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { key } = c.req.valid('param');
    const { version } = c.req.valid('query');
    const wanted = version === undefined ? undefined : Number(version);
    const row = await getTemplate(db.sql, c.get('caller'), key, wanted);
    if (row === null) throw noSuchTemplate(key, wanted);
    return c.json(viewTemplate(row), 200);
  });
}
