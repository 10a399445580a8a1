import { listProviderAccounts } from '@carillon/db/provider-accounts/provider-accounts';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { createRoute } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { pageSchema } from '../cursor.ts';
import { accountSchema, assertLive } from './account-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/provider-accounts',
  operationId: 'listProviderAccounts',
  summary: 'List the provider accounts of the installation',
  description:
    'By channel, in the order in which they are tried; always one page. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  ...needs('admin'),
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageSchema(accountSchema).openapi('ProviderAccountPage') } },
    },
    ...problemResponses('wrong_environment'),
  },
});

export function registerListProviderAccounts(app: Api, { db, baseUrl }: ApiDeps): void {
  app.openapi(route, async (c) => {
    assertLive(c.get('caller'));
    const rows = await listProviderAccounts(db.sql);
    return c.json({ data: rows.map((row) => viewProviderAccount(row, baseUrl())), next_cursor: null }, 200);
  });
}
