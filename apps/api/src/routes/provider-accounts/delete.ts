import { deleteProviderAccount } from '@carillon/services/provider-accounts/delete';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, assertLive } from './account-schema.ts';

const route = createRoute({
  method: 'delete',
  path: '/v1/provider-accounts/{account}',
  operationId: 'deleteProviderAccount',
  summary: 'Remove a provider account',
  description:
    'It is not used any longer from the answer on; its credentials are gone. One that a file names comes back when a worker starts. Needs a live key with the scope `providers:*`.',
  tags: ['Provider accounts'],
  ...needs('providers:*'),
  request: { params: accountParams },
  responses: {
    204: { description: 'Removed.' },
    ...problemResponses('wrong_environment', 'not_found'),
  },
});

export function registerDeleteProviderAccount(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    await deleteProviderAccount(serviceContext(caller, deps), { id });
    return c.body(null, 204);
  });
}
