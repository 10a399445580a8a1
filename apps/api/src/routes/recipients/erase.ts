import { eraseRecipient } from '@carillon/db/queries/erase-recipient';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { noSuchRecipient, recipientParams } from './recipient-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/recipients/{recipient_id}',
  operationId: 'eraseRecipient',
  summary: 'Erase a recipient',
  description:
    'Contact points, preferences, inbox and attributes go. Notifications keep their ids, states and times, lose address, content and data, and carry a hash instead of the recipient id; what was not sent yet is cancelled. Suppressions stay, as hashes, and addresses that bounced or said STOP become some. Your idempotency and ordering keys are kept: put nothing personal into them. Audited.',
  tags: ['Recipients'],
  middleware: [requireScope('recipients:*')] as const,
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

export function registerEraseRecipient(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { recipient_id: id } = c.req.valid('param');
    const suppress = c.req.valid('query').suppress === 'true';
    const erased = await eraseRecipient(db.sql, caller, id, { suppress, actor: `key:${caller.keyId}` });
    if (erased === null) throw noSuchRecipient(id);
    return c.body(null, 204);
  });
}
