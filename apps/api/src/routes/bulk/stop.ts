import { stopBulk } from '@carillon/services/bulk/stop';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { bulkParams, bulkSchema, viewBulk } from './bulk-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/bulk/{id}/stop',
  operationId: 'stopBulkAction',
  summary: 'Stop a bulk action',
  description:
    'Once this is answered nothing further is moved; what was moved stays so. One that is over is answered as it is.',
  tags: ['Notifications'],
  ...needs('notifications:work'),
  request: { params: bulkParams },
  responses: {
    200: { description: 'The action as it is now.', content: { 'application/json': { schema: bulkSchema } } },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerStopBulk(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const row = await stopBulk(serviceContext(tenant, deps), { tenant, id: c.req.valid('param').id });
    return c.json(viewBulk(row), 200);
  });
}
