import { releaseBreaker } from '@carillon/services/breakers/release';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, assertLive, breakerSchema, reason, viewBreaker } from './breaker-schema.ts';

const bodySchema = z.strictObject({ reason: reason().optional() }).openapi('ReleaseBreakerRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/breakers/{account}/release',
  operationId: 'releaseBreaker',
  summary: 'Let a held breaker move by itself again',
  description:
    'An open one is probed at once and closes when the account proves healthy. Releasing one that nobody holds is answered 200 and changes nothing. Needs a live key with the scope `providers:hold`.',
  tags: ['Breakers'],
  ...needs('providers:hold'),
  request: {
    params: accountParams,
    body: { required: false, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    200: { description: 'Nobody holds it.', content: { 'application/json': { schema: breakerSchema } } },
    ...problemResponses('malformed_json', 'wrong_environment', 'not_found', 'invalid_request'),
  },
});

export function registerReleaseBreaker(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    assertLive(caller);
    const { account } = c.req.valid('param');
    const reason = c.req.valid('json')?.reason;
    return c.json(viewBreaker(await releaseBreaker(serviceContext(caller, deps), { account, reason })), 200);
  });
}
