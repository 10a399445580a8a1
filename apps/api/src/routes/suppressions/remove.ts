import { removeSuppression } from '@carillon/services/suppressions/remove';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { addressSchema, hashOf } from './suppression-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/suppressions',
  operationId: 'removeSuppression',
  summary: 'Let an address be written to again',
  description:
    'Only when its owner asked for it: mail to an address that bounced or complained costs the sender its reputation. A contact point that was disabled stays disabled. One that is not suppressed is answered 204 too.',
  tags: ['Suppressions'],
  ...needs('suppressions:*'),
  request: {
    body: { required: true, content: { 'application/json': { schema: addressSchema } } },
  },
  responses: {
    204: { description: 'It may be written to.' },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerRemoveSuppression(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const given = c.req.valid('json');
    const suppressed = { tenant, channel: given.channel, addressHash: hashOf(tenant, given) };
    await removeSuppression(serviceContext(tenant, deps), suppressed);
    return c.body(null, 204);
  });
}
