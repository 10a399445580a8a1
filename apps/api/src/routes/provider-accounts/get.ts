import { findProviderAccount } from '@carillon/db/provider-accounts/provider-accounts';
import { noSuchAccount } from '@carillon/services/provider-accounts/verify';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, accountSchema, assertLive } from './account-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/provider-accounts/{account}',
  operationId: 'getProviderAccount',
  summary: 'Read a provider account',
  description: 'Never its credentials. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  ...needs('admin'),
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
    return c.json(viewProviderAccount(row, baseUrl()), 200);
  });
}
