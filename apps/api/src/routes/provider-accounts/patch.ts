import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { changeProviderAccount } from '@carillon/services/provider-accounts/change';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, accountSchema, assertLive, patchAccountSchema } from './account-schema.ts';

const route = createRoute({
  method: 'patch',
  path: '/v1/provider-accounts/{account}',
  operationId: 'patchProviderAccount',
  summary: 'Enable, disable, reorder or limit a provider account',
  description:
    'Only what is named changes. Holds from the answer on, for everything whose first byte is not written yet. An account of a file goes back to what the file says when a worker starts. Needs a live key with the scope `providers:*`.',
  tags: ['Provider accounts'],
  ...needs('providers:*'),
  request: {
    params: accountParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: patchAccountSchema } } },
  },
  responses: {
    200: {
      description: 'Changed.',
      headers: etagHeader,
      content: { 'application/json': { schema: accountSchema } },
    },
    ...problemResponses('malformed_json', 'wrong_environment', 'not_found', 'conflict', 'invalid_request'),
  },
});

export function registerPatchProviderAccount(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    const { order, rate_per_second, ...same } = c.req.valid('json');
    const given = Object.entries({ ...same, position: order, ratePerSecond: rate_per_second });
    const change = Object.fromEntries(given.filter(([, value]) => value !== undefined));
    const unchanged = ifMatch(c.req.valid('header')['if-match'], (row: ProviderAccountRow) =>
      viewProviderAccount(row, deps.baseUrl()),
    );
    const account = await changeProviderAccount(serviceContext(caller, deps), { id, change, unchanged });
    const view = viewProviderAccount(account, deps.baseUrl());
    return c.json(view, 200, etagOf(view));
  });
}
