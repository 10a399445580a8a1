import { putSuppression } from '@carillon/db/queries/put-suppression';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
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
  middleware: [requireScope('suppressions:*')] as const,
  request: {
    body: { required: true, content: { 'application/json': { schema: newSuppressionSchema } } },
  },
  responses: {
    200: { description: 'Suppressed before; its first reason stays.', content: suppressionJson },
    201: { description: 'Suppressed.', content: suppressionJson },
    ...problemResponses('malformed_json', 'invalid_request'),
  },
});

export function registerAddSuppression(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { channel, address, reason, detail = null } = c.req.valid('json');
    const addressHash = hashOf(caller, { channel, address });
    const suppression = { channel, addressHash, reason, detail };
    const { row, created } = await putSuppression(db.sql, caller, suppression, `key:${caller.keyId}`);
    return c.json(viewSuppression(row), created ? 201 : 200);
  });
}
