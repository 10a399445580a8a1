import type { DraftTexts } from '@carillon/core/template/draft';
import { getTemplate } from '@carillon/db/templates/templates';
import { publishTemplate } from '@carillon/services/templates/publish';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { compileContext } from './compile-texts.ts';
import { publishWarnings } from './publish-warnings.ts';
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
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: putTemplateSchema } } },
  },
  responses: {
    200: {
      description: 'A new version, or unchanged if it said the same already.',
      headers: etagHeader,
      content: templateJson,
    },
    201: { description: 'Created.', headers: etagHeader, content: templateJson },
    ...problemResponses('malformed_json', 'conflict', 'invalid_request'),
  },
});

export function registerPutTemplate(app: Api, deps: ApiDeps): void {
  const { db } = deps;
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { key } = c.req.valid('param');
    const unchanged = ifMatch(c.req.valid('header')['if-match'], viewTemplate);
    const { channels } = c.req.valid('json');
    const { texts, warnings } = await checkedTexts(compileContext(c, deps), channels as DraftTexts);
    const before = await getTemplate(db.sql, tenant, key);
    const published = await publishTemplate(serviceContext(tenant, deps), { tenant, key, texts, unchanged });
    const ofUse = await publishWarnings(db.sql, tenant, { key, before, texts });
    const view = viewTemplate(published.template);
    return c.json(
      { ...view, warnings: [...warnings, ...ofUse] },
      published.created ? 201 : 200,
      etagOf(view),
    );
  });
}
