import {
  findProviderAccount,
  listProviderAccounts,
  type ProviderAccountRow,
} from '@carillon/db/provider-accounts/provider-accounts';
import type { AccountHealth } from '@carillon/db/provider-accounts/read-account-health';
import { noSuchAccount } from '@carillon/services/provider-accounts/verify';
import { viewProviderAccount } from '@carillon/services/provider-accounts/view';
import { createRoute, type z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { etagHeader, etagOf } from '../../middleware/if-match.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { pageSchema } from '../cursor.ts';
import { accountHealthOf, healthSchema, viewHealth } from './account-health.ts';
import { accountParams, accountSchema, assertLive } from './account-schema.ts';

const access = needs('providers:read');
const accountWithHealthSchema = accountSchema
  .extend({ health: healthSchema })
  .openapi('ProviderAccountWithHealth');

const listRoute = createRoute({
  method: 'get',
  path: '/v1/provider-accounts',
  operationId: 'listProviderAccounts',
  summary: 'List the provider accounts of the installation',
  description:
    'By channel, in the order in which they are tried, with their health in the last minutes; always one page. Needs a live key with the scope `providers:read`.',
  tags: ['Provider accounts'],
  ...access,
  responses: {
    200: {
      description: 'All of them.',
      content: {
        'application/json': { schema: pageSchema(accountWithHealthSchema).openapi('ProviderAccountPage') },
      },
    },
    ...problemResponses('wrong_environment'),
  },
});

const getRoute = createRoute({
  method: 'get',
  path: '/v1/provider-accounts/{account}',
  operationId: 'getProviderAccount',
  summary: 'Read a provider account',
  description:
    'With its health in the last minutes, never its credentials. The `ETag` is of the account without its health: give it as `If-Match` to a change, so that no change of another person is overwritten. Needs a live key with the scope `providers:read`.',
  tags: ['Provider accounts'],
  ...access,
  request: { params: accountParams },
  responses: {
    200: {
      description: 'The account.',
      headers: etagHeader,
      content: { 'application/json': { schema: accountWithHealthSchema } },
    },
    ...problemResponses('wrong_environment', 'not_found'),
  },
});

export function registerReadProviderAccounts(app: Api, deps: ApiDeps): void {
  const { db, baseUrl } = deps;
  const healthBy = accountHealthOf(deps);

  app.openapi(listRoute, async (c) => {
    assertLive(c.get('caller'));
    const [rows, healthOf] = await Promise.all([listProviderAccounts(db.sql), healthBy()]);
    return c.json(
      { data: rows.map((row) => view(row, healthOf(row.id), baseUrl())), next_cursor: null },
      200,
    );
  });

  app.openapi(getRoute, async (c) => {
    assertLive(c.get('caller'));
    const { account: id } = c.req.valid('param');
    const [row, healthOf] = await Promise.all([findProviderAccount(db.sql, id), healthBy()]);
    if (row === null) throw noSuchAccount(id);
    return c.json(view(row, healthOf(id), baseUrl()), 200, etagOf(viewProviderAccount(row, baseUrl())));
  });
}

function view(
  row: ProviderAccountRow,
  health: AccountHealth,
  baseUrl: string,
): z.input<typeof accountWithHealthSchema> {
  return { ...viewProviderAccount(row, baseUrl), health: viewHealth(row, health) };
}
