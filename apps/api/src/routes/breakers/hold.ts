import type { Held } from '@carillon/db/breakers/hold';
import { holdBreaker } from '@carillon/services/breakers/hold';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { accountParams, assertLive, breakerSchema, reason, viewBreaker } from './breaker-schema.ts';

const bodySchema = z.strictObject({ reason: reason() }).openapi('HoldBreakerRequest');

/** Open and close are one verb with two target states. */
function holdRoute<Verb extends 'open' | 'close'>(verb: Verb, summary: string, effect: string) {
  return createRoute({
    method: 'post',
    path: `/v1/breakers/{account}/${verb}` as const,
    operationId: `${verb}Breaker`,
    summary,
    description: `${effect} Holds for every app of the installation until it is released or held otherwise; workers follow within seconds. Needs a live key with the scope \`providers:hold\`.`,
    tags: ['Breakers'],
    ...needs('providers:hold'),
    request: {
      params: accountParams,
      body: { required: true, content: { 'application/json': { schema: bodySchema } } },
    },
    responses: {
      200: { description: 'It is held.', content: { 'application/json': { schema: breakerSchema } } },
      ...problemResponses('malformed_json', 'wrong_environment', 'not_found', 'invalid_request'),
    },
  });
}

const openRoute = holdRoute(
  'open',
  'Hold a breaker open: nothing is sent through the account',
  'Messages go to the next account of their channel, or wait; waiting costs them no attempt.',
);
const closeRoute = holdRoute(
  'close',
  'Hold a breaker closed: the account is used whatever fails',
  'Failures are still counted and recorded, but they do not open it.',
);

export function registerHoldBreaker(app: Api, deps: ApiDeps): void {
  const hold = async (caller: Caller, account: string, state: Held, reason: string) => {
    assertLive(caller);
    return viewBreaker(await holdBreaker(serviceContext(caller, deps), { account, state, reason }));
  };
  app.openapi(openRoute, async (c) => {
    const { account } = c.req.valid('param');
    return c.json(await hold(c.get('caller'), account, 'open', c.req.valid('json').reason), 200);
  });
  app.openapi(closeRoute, async (c) => {
    const { account } = c.req.valid('param');
    return c.json(await hold(c.get('caller'), account, 'closed', c.req.valid('json').reason), 200);
  });
}
