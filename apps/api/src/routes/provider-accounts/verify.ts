import { verifyProviderAccount } from '@carillon/services/provider-accounts/verify';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { outsideDeadline } from '../../middleware/deadline.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, assertLive } from './account-schema.ts';

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
    'One cheap question that sends nothing. A provider that has none (Web Push, an inbox) counts as healthy when its settings can be used. An address in private networks is not asked, unless PROVIDERS_FILE names the account or WEBHOOKS_ALLOW_PRIVATE is set. Needs a live key with the scope `providers:*`.',
  tags: ['Provider accounts'],
  ...needs('providers:*'),
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
    const { ENCRYPTION_KEYS: ring, WEBHOOKS_ALLOW_PRIVATE: allowPrivate } = config;
    const asking = <T>(question: Promise<T>) => outsideDeadline(c, question);
    const verdict = await verifyProviderAccount({ db: db.sql }, { id, ring, allowPrivate, asking });
    return c.json({ healthy: verdict.healthy, why: verdict.healthy ? null : verdict.why }, 200);
  });
}
