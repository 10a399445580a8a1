import { publishTemplate } from '@carillon/services/templates/publish';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import {
  checkedTexts,
  newTemplateParams,
  putTemplateSchema,
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
  ...needs('templates:*'),
  request: {
    params: newTemplateParams,
    body: { required: true, content: { 'application/json': { schema: putTemplateSchema } } },
  },
  responses: {
    200: { description: 'A new version, or unchanged if it said the same already.', content: templateJson },
    201: { description: 'Created.', content: templateJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerPutTemplate(app: Api, deps: ApiDeps): void {
  const { templates } = deps;
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const texts = await checkedTexts(c.req.valid('json'), (all) => templates.check(tenant.appId, all));
    const { template, created } = await publishTemplate(serviceContext(tenant, deps), { tenant, key, texts });
    return c.json(viewTemplate(template), created ? 201 : 200);
  });
}
