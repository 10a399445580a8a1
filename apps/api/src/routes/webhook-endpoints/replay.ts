import { EVENT_TYPES, type EventType } from '@carillon/core/event';
import { ProblemError } from '@carillon/core/problem';
import { type EndpointRow, findWebhookEndpoint } from '@carillon/db/queries/find-webhook-endpoint';
import { MAX_REPLAYED, replayEvents } from '@carillon/db/queries/replay-events';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { requireScope } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { endpointParams, noSuchEndpoint } from './endpoint-schema.ts';

const bodySchema = z
  .strictObject({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }).optional().describe('Exclusive; now unless said.'),
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
  middleware: [requireScope('webhooks:*')] as const,
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

export function registerReplayEvents(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const caller = c.get('caller');
    const { id } = c.req.valid('param');
    const { from, to, event_types: eventTypes = [] } = c.req.valid('json');
    const range = { from: new Date(from), to: to === undefined ? new Date() : new Date(to), eventTypes };
    if (range.from >= range.to)
      throw invalid([{ path: 'from', message: `is not before "to" (${range.to.toISOString()}); swap them` }]);
    const endpoint = await findWebhookEndpoint(db.sql, caller, id);
    if (endpoint === null) throw noSuchEndpoint(id);
    if (endpoint.disabledAt !== null) throw isDisabled(endpoint);
    return c.json(
      { events: await replayEvents(db.sql, caller, id, range, MAX_REPLAYED, `key:${caller.keyId}`) },
      202,
    );
  });
}

/**
 * Whatever comes due for a disabled endpoint is dropped: a 202 would promise what never comes. Enabling it forgets since
 * when it failed, so the refusal says from where to replay.
 */
function isDisabled({ id, disabledAt, disabledReason, failingSince }: EndpointRow): ProblemError {
  const from = (failingSince ?? disabledAt!).toISOString();
  return new ProblemError(
    'invalid_state',
    `The webhook endpoint ${id} is disabled (${disabledReason ?? 'no reason given'}), so nothing is sent to it. PATCH it with {"enabled": true}, then replay; what it missed begins at ${from}.`,
  );
}
