import { changeProviderAccount } from '@carillon/db/queries/change-provider-account';
import { sealAccount, secretsOf } from '@carillon/providers/sealed-account';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import {
  accountParams,
  accountSchema,
  assertLive,
  putAccountSchema,
  settingsFrom,
  viewAccount,
} from './account-schema.ts';

const accountJson = { 'application/json': { schema: accountSchema } };

const route = createRoute({
  method: 'put',
  path: '/v1/provider-accounts/{account}',
  operationId: 'putProviderAccount',
  summary: 'Create or replace a provider account',
  description:
    'Workers use it, or what changed about it, within 10 seconds and without a restart. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
  request: {
    params: accountParams,
    body: { required: true, content: { 'application/json': { schema: putAccountSchema } } },
  },
  responses: {
    200: { description: 'Replaced, or unchanged if it said the same already.', content: accountJson },
    201: { description: 'Created.', content: accountJson },
    ...problemResponses('malformed_json', 'wrong_environment', 'invalid_request'),
  },
});

export function registerPutProviderAccount(app: Api, { db, config, baseUrl }: ApiDeps): void {
  const ring = config.ENCRYPTION_KEYS;
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account: id } = c.req.valid('param');
    const { enabled = true, ...body } = c.req.valid('json');
    const changed = await changeProviderAccount(
      db.sql,
      id,
      (before) => {
        const kept =
          before?.provider === body.provider ? { ...secretsOf(ring, before), settings: before.settings } : {};
        return { ...sealAccount(ring, settingsFrom({ ...body, id }, kept), enabled), managedBy: 'api' };
      },
      `key:${caller.keyId}`,
    );
    const { account, created } = changed!;
    return c.json(viewAccount(account, baseUrl()), created ? 201 : 200);
  });
}
