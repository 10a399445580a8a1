import { EVENT_DELIVERY_STATES } from '@carillon/db/schema/webhooks';
import { type DeliveryRow, listEventDeliveries } from '@carillon/db/webhooks/endpoints';
import { getWebhookEndpoint } from '@carillon/services/webhooks/endpoint';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { endpointParams } from './endpoint-schema.ts';

const deliverySchema = z
  .object({
    event_id: z.uuid().describe('The `webhook-id`.'),
    type: z.string(),
    notification_id: z.uuid().nullable(),
    status: z.enum(EVENT_DELIVERY_STATES),
    tries: z.int(),
    next_try_at: z.iso.datetime().nullable(),
    last_tried_at: z.iso.datetime().nullable(),
    last_status: z.int().nullable().describe('What the endpoint answered.'),
    last_error: z.string().nullable(),
    last_latency_ms: z.int().nullable(),
    created_at: z.iso.datetime(),
  })
  .openapi('EventDelivery');

const route = createRoute({
  method: 'get',
  path: '/v1/webhook-endpoints/{id}/deliveries',
  operationId: 'listEventDeliveries',
  summary: 'What an endpoint was sent, newest first',
  tags: ['Webhooks'],
  ...needs('webhooks:read'),
  request: {
    params: endpointParams,
    query: z.strictObject({ ...pageQuery, status: z.enum(EVENT_DELIVERY_STATES).optional() }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(deliverySchema).openapi('EventDeliveryPage') } },
    },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerListEventDeliveries(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { id } = c.req.valid('param');
    const { cursor, limit: asked, status } = c.req.valid('query');
    await getWebhookEndpoint({ db: deps.db.sql }, { tenant: c.get('caller'), id });
    const [position, eventId] =
      cursor === undefined ? [] : fromCursor(cursor, [/^\d{4}-\d\d-\d\d [\d:.+-]+$/, /^[0-9a-f-]{36}$/]);
    const limit = limitOf(asked);
    const after = position && eventId ? { position, eventId } : null;
    const rows = await read(c, ({ sql }) => listEventDeliveries(sql, id, status, after, limit + 1));
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last ? toCursor([last.position, last.eventId]) : null;
    return c.json({ data: page.map(view), next_cursor: next }, 200);
  });
}

function view(row: DeliveryRow): z.input<typeof deliverySchema> {
  return {
    event_id: row.eventId,
    type: row.type,
    notification_id: row.notificationId,
    status: row.state,
    tries: row.tries,
    next_try_at: row.nextTryAt?.toISOString() ?? null,
    last_tried_at: row.lastTriedAt?.toISOString() ?? null,
    last_status: row.lastStatus,
    last_error: row.lastError,
    last_latency_ms: row.lastLatencyMs,
    created_at: row.createdAt.toISOString(),
  };
}
