import { eraseRecipient } from '@carillon/services/recipients/erase';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { inboxContext } from '../../inbox/inbox-context.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'eraseRecipient',
  summary: 'Erase a recipient',
  description:
    'Contact points, preferences, inbox and attributes go. Notifications keep their ids, states and times, lose address, content and data, and carry a hash instead of the recipient id; what was not sent yet is cancelled. Suppressions stay, as hashes, and addresses that bounced or said STOP become some. Your idempotency and ordering keys are kept: put nothing personal into them. Audited.',
  tags: ['Recipients'],
  ...needs('recipients:*'),
  request: {
    params: recipientParams,
    query: z.strictObject({
      suppress: z
        .enum(['true', 'false'])
        .default('false')
        .describe('true: their addresses are never written to again, not even after a new registration.'),
    }),
  },
  responses: {
    204: { description: 'Erased.' },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerEraseRecipient(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { recipient_id: recipientId } = c.req.valid('param');
    const suppress = c.req.valid('query').suppress === 'true';
    await eraseRecipient(serviceContext(tenant, deps), { tenant, recipientId, suppress });
    // Its streams end.
    const { appId, environment } = tenant;
    inboxContext(deps).inboxChanged({ appId, environment, recipientId });
    return c.body(null, 204);
  });
}
