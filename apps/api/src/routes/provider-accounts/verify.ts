import { findProviderAccount } from '@carillon/db/queries/find-provider-account';
import { openAccount } from '@carillon/providers/sealed-account';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { accountParams, assertLive, noSuchAccount } from './account-schema.ts';

const TIMEOUT_MS = 10_000;

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
    // The providers' SDKs cost 50 MB and half a second: an API process that is never asked this does not load them.
    const { buildAccounts } = await import('@carillon/providers/registry');
    try {
      const [account] = await buildAccounts([openAccount(config.ENCRYPTION_KEYS, row)], {
        storeInboxMessage: async () => {},
      });
      const probe = await account?.adapter.probe?.(AbortSignal.timeout(TIMEOUT_MS));
      await account?.adapter.close();
      return c.json(
        { healthy: probe?.healthy ?? true, why: probe && !probe.healthy ? probe.why : null },
        200,
      );
    } catch (error) {
      return c.json({ healthy: false, why: (error as Error).message }, 200);
    }
  });
}
