import { deleteProviderAccount } from '@carillon/db/queries/delete-provider-account';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, assertLive, noSuchAccount } from './account-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/provider-accounts/{account}',
  operationId: 'deleteProviderAccount',
  summary: 'Remove a provider account',
  description:
    'Workers stop using it within 10 seconds; its credentials are gone. One that a file names comes back when a worker starts. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
  request: { params: accountParams },
  responses: {
    204: { description: 'Removed.' },
    ...problemResponses('wrong_environment', 'not_found'),
  },
});

export function registerDeleteProviderAccount(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    if (!(await deleteProviderAccount(db.sql, id, `key:${caller.keyId}`))) throw noSuchAccount(id);
    return c.body(null, 204);
  });
}
