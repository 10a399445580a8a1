import { enableContactPoint } from '@carillon/services/recipients/enable-contact-point';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { contactPointSchema, recipientParams, viewContactPoint } from './recipient-schema.ts';

const route = createRoute({
  method: 'post',
  path: '/v1/recipients/{recipient_id}/contact-points/{contact_point_id}/enable',
  operationId: 'enableContactPoint',
  summary: 'Let a disabled contact point be used again',
  description:
    'Bounces and refusals disable a contact point. Enable it only when the person says that it works again: what bounces once more costs the sender its reputation, and disables it at once. A suppression of its address is lifted apart (`liftSuppression`). One that is enabled already is answered 200.',
  tags: ['Recipients'],
  ...needs('suppressions:*'),
  request: {
    params: recipientParams.extend({ contact_point_id: z.uuid() }),
    body: {
      required: false,
      content: {
        'application/json': {
          schema: z
            .strictObject({
              reason: singleLine(500)
                .optional()
                .describe('For people: who says that it works again. Kept in the audit log.'),
            })
            .openapi('EnableContactPointRequest'),
        },
      },
    },
  },
  responses: {
    200: { description: 'It is enabled.', content: { 'application/json': { schema: contactPointSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_request'),
  },
});

export function registerEnableContactPoint(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId, contact_point_id: id } = c.req.valid('param');
    const why = c.req.valid('json')?.reason;
    const point = await enableContactPoint(serviceContext(tenant, deps), { tenant, recipientId, id, why });
    return c.json(viewContactPoint(point), 200);
  });
}
