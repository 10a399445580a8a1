import { addSuppression } from '@carillon/services/suppressions/add';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { hashOf, newSuppressionSchema, suppressionSchema, viewSuppression } from './suppression-schema.ts';

const suppressionJson = { 'application/json': { schema: suppressionSchema } };

const route = createRoute({
  method: 'post',
  path: '/v1/suppressions',
  operationId: 'addSuppression',
  summary: 'Never write to an address again',
  description:
    'Holds at once, also for what is accepted already, for every priority and whoever the recipient is. Bounces, complaints and STOP messages suppress addresses by themselves.',
  tags: ['Suppressions'],
  ...needs('suppressions:*'),
  request: {
    body: { required: true, content: { 'application/json': { schema: newSuppressionSchema } } },
  },
  responses: {
    200: { description: 'Suppressed before; its first reason stays.', content: suppressionJson },
    201: { description: 'Suppressed.', content: suppressionJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerAddSuppression(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { channel, address, reason, detail = null } = c.req.valid('json');
    const addressHash = hashOf(tenant, { channel, address });
    const suppression = { channel, addressHash, reason, detail };
    const { row, created } = await addSuppression(serviceContext(tenant, deps), { tenant, suppression });
    return c.json(viewSuppression(row), created ? 201 : 200);
  });
}
