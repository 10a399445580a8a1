import type { ProviderAccountRow } from '@carillon/db/provider-accounts/provider-accounts';
import { putProviderAccount } from '@carillon/services/provider-accounts/put';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf, ifMatch, ifMatchHeader } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, accountSchema, assertLive, putAccountSchema } from './account-schema.ts';

const accountJson = { 'application/json': { schema: accountSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/provider-accounts/{account}',
  operationId: 'putProviderAccount',
  summary: 'Create or replace a provider account',
  description:
    'Holds from the answer on, for everything whose first byte is not written yet, and without a restart. Needs a live key with the scope `providers:*`.',
  tags: ['Provider accounts'],
  ...needs('providers:*'),
  request: {
    params: accountParams,
    headers: z.object(ifMatchHeader),
    body: { required: true, content: { 'application/json': { schema: putAccountSchema } } },
  },
  responses: {
    200: {
      description: 'Replaced, or unchanged if it said the same already.',
      headers: etagHeader,
      content: accountJson,
    },
    201: { description: 'Created.', headers: etagHeader, content: accountJson },
    ...problemResponses('malformed_json', 'wrong_environment', 'conflict', 'invalid_request'),
  },
});

export function registerPutProviderAccount(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    const { enabled = true, ...words } = c.req.valid('json');
    const { account, created } = await putProviderAccount(serviceContext(caller, deps), {
      id,
      words,
      enabled,
      ring: deps.config.ENCRYPTION_KEYS,
      replace: true,
      unchanged: ifMatch(c.req.valid('header')['if-match'], (row: ProviderAccountRow) =>
        viewProviderAccount(row, deps.baseUrl()),
      ),
    });
    const view = viewProviderAccount(account, deps.baseUrl());
    return c.json(view, created ? 201 : 200, etagOf(view));
  });
}
