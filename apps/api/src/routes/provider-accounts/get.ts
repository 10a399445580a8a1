import { findProviderAccount } from '@carillon/db/queries/find-provider-account';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, accountSchema, assertLive, noSuchAccount, viewAccount } from './account-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/provider-accounts/{account}',
  operationId: 'getProviderAccount',
  summary: 'Read a provider account',
  description: 'Never its credentials. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
  request: { params: accountParams },
  responses: {
    200: { description: 'The account.', content: { 'application/json': { schema: accountSchema } } },
    ...problemResponses('wrong_environment', 'not_found'),
  },
});

export function registerGetProviderAccount(app: Api, { db, baseUrl }: ApiDeps): void {
  app.openapi(route, async (c) => {
    assertLive(c.get('caller'));
    const { account: id } = c.req.valid('param');
    const row = await findProviderAccount(db.sql, id);
    if (row === null) throw noSuchAccount(id);
    return c.json(viewAccount(row, baseUrl()), 200);
  });
}
