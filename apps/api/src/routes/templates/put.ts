import { getTemplate } from '@carillon/db/queries/get-template';
import { putTemplate } from '@carillon/db/queries/put-template';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  checkedTexts,
  noSuchTemplate,
  putTemplateSchema,
  templateParams,
  templateSchema,
  viewTemplate,
} from './template-schema.ts';

const templateJson = { 'application/json': { schema: templateSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/templates/{key}',
  operationId: 'putTemplate',
  summary: 'Publish a template',
  description:
    'Checks every text and publishes them together as a new version; notifications accepted before keep theirs. The same texts again publish nothing. A mistake in a text is answered 422 with its line and column.',
  tags: ['Templates'],
  middleware: [requireScope('templates:*')] as const,
  request: {
    params: templateParams,
    body: { required: true, content: { 'application/json': { schema: putTemplateSchema } } },
  },
  responses: {
    200: { description: 'A new version, or unchanged if it said the same already.', content: templateJson },
    201: { description: 'Created.', content: templateJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerPutTemplate(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { key } = c.req.valid('param');
    const texts = checkedTexts(c.req.valid('json'));
    const { version, created } = await putTemplate(db.sql, caller, key, texts, `key:${caller.keyId}`);
    const row = await getTemplate(db.sql, caller, key, version);
    if (row === null) throw noSuchTemplate(key);
    return c.json(viewTemplate(row), created ? 201 : 200);
  });
}
