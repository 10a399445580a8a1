import { removeSuppression } from '@carillon/services/suppressions/remove';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { addressFields, hashOf, hashParams } from './suppression-schema.ts';

const access = needs('suppressions:*');
const why = singleLine(500).optional().describe('For people: who asked for it. Kept in the audit log.');
const LIFTED =
  'Only when its owner asked for it: mail to an address that bounced or complained costs the sender its reputation. A contact point that was disabled stays disabled (see `enableContactPoint`). One that is not suppressed is answered 204 too.';

const byAddressRoute = createRoute({
  method: 'delete',
  path: '/v1/suppressions',
  operationId: 'removeSuppression',
  summary: 'Let an address be written to again',
  description: LIFTED,
  tags: ['Suppressions'],
  ...access,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ ...addressFields, reason: why }).openapi('SuppressedAddress'),
        },
      },
    },
  },
  responses: {
    204: { description: 'It may be written to.' },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

const byHashRoute = createRoute({
  method: 'delete',
  path: '/v1/suppressions/{channel}/{address_hash}',
  operationId: 'liftSuppression',
  summary: 'Let an address of the list be written to again',
  description: `The same by the hash that lists show, for who has not the address. ${LIFTED}`,
  tags: ['Suppressions'],
  ...access,
  request: {
    params: hashParams,
    body: {
      required: false,
      content: {
        'application/json': { schema: z.strictObject({ reason: why }).openapi('LiftSuppressionRequest') },
      },
    },
  },
  responses: {
    204: { description: 'It may be written to.' },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerRemoveSuppression(app: Api, deps: ApiDeps): void {
  app.openapi(byAddressRoute, async (c) => {
    const tenant = c.get('caller');
    const { reason, ...given } = c.req.valid('json');
    const suppressed = { tenant, channel: given.channel, addressHash: hashOf(tenant, given), why: reason };
    await removeSuppression(serviceContext(tenant, deps), suppressed);
    return c.body(null, 204);
  });
  app.openapi(byHashRoute, async (c) => {
    const tenant = c.get('caller');
    const { channel, address_hash: hex } = c.req.valid('param');
    const reason = c.req.valid('json')?.reason;
    const suppressed = { tenant, channel, addressHash: Buffer.from(hex, 'hex'), why: reason };
    await removeSuppression(serviceContext(tenant, deps), suppressed);
    return c.body(null, 204);
  });
}
