import { EVENT_TYPES, type EventType } from '@carillon/core/webhook/event';
import { MAX_REPLAYED, replayEvents } from '@carillon/services/webhooks/replay';
import { createRoute, z } from '@hono/zod-openapi';
import { time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { endpointParams } from './endpoint-schema.ts';

const bodySchema = z
  .strictObject({
    from: time(),
    to: time().optional().describe('Exclusive; now unless said.'),
    event_types: z
      .array(z.enum(Object.keys(EVENT_TYPES) as [EventType, ...EventType[]]))
      .max(50)
      .optional(),
  })
  .openapi('ReplayRequest');

const route = createRoute({
  method: 'post',
  path: '/v1/webhook-endpoints/{id}/replay',
  operationId: 'replayWebhookEvents',
  summary: 'Send the events of a range of time again',
  description: `For a receiver that lost them, whatever came of them before, or that was disabled when they happened. They begin to come within half a minute, with the \`webhook-id\` they had. At most ${MAX_REPLAYED} at a time, oldest first; events are kept as long as notifications.`,
  tags: ['Webhooks'],
  ...needs('webhooks:*'),
  request: {
    params: endpointParams,
    body: { required: true, content: { 'application/json': { schema: bodySchema } } },
  },
  responses: {
    202: {
      description: 'They will come.',
      content: { 'application/json': { schema: z.object({ events: z.int() }).openapi('Replay') } },
    },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

export function registerReplayEvents(app: Api, deps: ApiDeps): void {
  const { clock } = deps;
  app.openapi(route, async (c) => {
    const tenant = c.get('caller');
    const { id } = c.req.valid('param');
    const { from, to, event_types: eventTypes = [] } = c.req.valid('json');
    const range = { from: new Date(from), to: new Date(to ?? clock.now()), eventTypes };
    if (range.from >= range.to)
      throw invalid([{ path: 'from', message: `is not before "to" (${range.to.toISOString()}); swap them` }]);
    const input = { tenant, id, events: range };
    return c.json({ events: await replayEvents(serviceContext(tenant, deps), input) }, 202);
  });
}
