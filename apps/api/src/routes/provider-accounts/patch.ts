import { changeProviderAccount } from '@carillon/db/queries/change-provider-account';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  accountParams,
  accountSchema,
  assertLive,
  noSuchAccount,
  patchAccountSchema,
  viewAccount,
} from './account-schema.ts';

const route = createRoute({
  method: 'patch',
  path: '/v1/provider-accounts/{account}',
  operationId: 'patchProviderAccount',
  summary: 'Enable, disable, reorder or limit a provider account',
  description:
    'Only what is named changes. Workers follow within 10 seconds. An account of a file goes back to what the file says when a worker starts. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
  request: {
    params: accountParams,
    body: { required: true, content: { 'application/json': { schema: patchAccountSchema } } },
  },
  responses: {
    200: { description: 'Changed.', content: { 'application/json': { schema: accountSchema } } },
    ...problemResponses('malformed_json', 'wrong_environment', 'not_found', 'invalid_request'),
  },
});

export function registerPatchProviderAccount(app: Api, { db, baseUrl }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    const { order, rate_per_second, ...same } = c.req.valid('json');
    const given = Object.entries({ ...same, position: order, ratePerSecond: rate_per_second });
    const named = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const changed = await changeProviderAccount(
      db.sql,
      id,
      (before) => before && { ...before, ...named },
      `key:${caller.keyId}`,
    );
    if (changed === null) throw noSuchAccount(id);
    return c.json(viewAccount(changed.account, baseUrl()), 200);
  });
}
