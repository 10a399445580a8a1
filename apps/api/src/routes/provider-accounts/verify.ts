import { findProviderAccount } from '@carillon/db/queries/find-provider-account';
import { verifyAccount } from '@carillon/providers/verify-account';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, assertLive, noSuchAccount } from './account-schema.ts';

const verdictSchema = z
  .object({
    healthy: z.boolean(),
    why: z.string().nullable().describe('What is wrong, for people; null if nothing is.'),
  })
  .openapi('ProviderAccountVerdict');

const route = createRoute({
  method: 'post',
  path: '/v1/provider-accounts/{account}/verify',
  operationId: 'verifyProviderAccount',
  summary: 'Ask the provider whether the credentials are good',
  description:
    'One cheap question that sends nothing. A provider that has none (Web Push, an inbox) counts as healthy when its settings can be used. Needs a live key with the scope `admin`.',
  tags: ['Provider accounts'],
  middleware: [requireScope('admin')] as const,
  request: { params: accountParams },
  responses: {
    200: { description: 'What came of it.', content: { 'application/json': { schema: verdictSchema } } },
    ...problemResponses('wrong_environment', 'not_found'),
  },
});

export function registerVerifyProviderAccount(app: Api, { db, config }: ApiDeps): void {
  app.openapi(route, async (c) => {
    assertLive(c.get('caller'));
    const { account: id } = c.req.valid('param');
    const row = await findProviderAccount(db.sql, id);
    if (row === null) throw noSuchAccount(id);
    const verdict = await verifyAccount(config.ENCRYPTION_KEYS, row);
    return c.json({ healthy: verdict.healthy, why: verdict.healthy ? null : verdict.why }, 200);
  });
}
