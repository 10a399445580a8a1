import { removeDevice } from '@carillon/services/recipients/devices';
import { createRoute } from '@hono/zod-openapi';
import { pushTarget } from '../../accept/send-schema.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { deviceOf, recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/recipients/{recipient_id}/devices',
  operationId: 'removeDevice',
  summary: 'Forget a device, for example when its user logs out',
  description:
    'Takes the same body as registering it. Forgetting a device that is not there is answered 204 too.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: {
    params: recipientParams,
    body: { required: true, content: { 'application/json': { schema: pushTarget } } },
  },
  responses: {
    204: { description: 'Forgotten.' },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerRemoveDevice(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const device = deviceOf(c.req.valid('json'));
    await removeDevice(serviceContext(tenant, deps), { tenant, recipientId, device });
    return c.body(null, 204);
  });
}
