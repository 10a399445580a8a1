import { getTemplate } from '@carillon/db/templates/templates';
import { noSuchTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { templateParams, templateSchema, versionQuery, viewTemplate } from './template-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/templates/{key}',
  operationId: 'getTemplate',
  summary: 'Look up a template',
  tags: ['Templates'],
  ...needs('templates:read'),
  request: { params: templateParams, query: z.strictObject({ version: versionQuery }) },
  responses: {
    200: {
      description: 'The template.',
      headers: etagHeader,
      content: { 'application/json': { schema: templateSchema } },
    },
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
    const view = viewTemplate(row);
    return c.json(view, 200, etagOf(view));
  });
}
