import type { Tenant } from '@carillon/db/connection/tenant';
import { listNotifications } from '@carillon/db/notifications/list-notifications';
import { listScheduled } from '@carillon/db/notifications/list-scheduled';
import type { Position } from '@carillon/db/notifications/notification-sources';
import type { Reader } from '@carillon/db/replica/reader';
import { type FilterQuery, filterOf } from '@carillon/services/notifications/filter';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { invalid } from '../../middleware/invalid.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, TIME_AND_ID, toCursor } from '../cursor.ts';
import { filterShape } from './filter-schema.ts';
import { notificationSchema, viewNotification } from './notification-view.ts';

export const sortShape = {
  sort: z
    .enum(['created_at', 'send_at'])
    .optional()
    .describe(
      '`created_at`: newest first, unless said otherwise. `send_at`: next to be sent first, only with `status=scheduled`.',
    ),
};

const route = createRoute({
  method: 'get',
  path: '/v1/notifications',
  operationId: 'listNotifications',
  summary: 'List notifications, newest first',
  description:
    'A page looks through a bounded number of notifications: with a filter that few of them meet it may hold fewer than `limit`, even none, and still have a `next_cursor`. The list is over when `next_cursor` is null. A recipient, an address, an error code, a message id of a provider, an idempotency key and the states scheduled, retrying, in_doubt, dead and failed lead straight to what they name.',
  tags: ['Notifications'],
  ...needs('notifications:read'),
  request: {
    query: z.strictObject({
      ...filterShape,
      ...sortShape,
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(notificationSchema).openapi('NotificationPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListNotifications(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const { rows, next } = await read(c, ({ sql }) =>
      listOf(sql, c.get('caller'), query)(limit, query.cursor),
    );
    return c.json({ data: rows.map(viewNotification), next_cursor: nextCursor(next) }, 200);
  });
}

type ListQuery = FilterQuery & { sort?: 'created_at' | 'send_at' | undefined };

/**
 * The pages of a list: of a limit, from a cursor on.
 *
 * @throws ProblemError 422 where there is no time of sending to sort by, and for an unknown cursor.
 */
export function listOf(sql: Reader, tenant: Tenant, query: ListQuery) {
  const list = bySendAt(query) ? listScheduled : listNotifications;
  const filter = filterOf(query);
  return (limit: number, cursor?: string) => {
    const [createdAt, id] = cursor === undefined ? [] : fromCursor(cursor, TIME_AND_ID);
    const before = createdAt === undefined || id === undefined ? undefined : { createdAt, id };
    return list(sql, tenant, { ...filter, before }, limit);
  };
}

function bySendAt({ sort, status }: ListQuery): boolean {
  if (sort !== 'send_at') return false;
  if (status === 'scheduled') return true;
  const message =
    '"send_at" is a time to come, which only scheduled notifications have; add status=scheduled';
  throw invalid([{ path: 'sort', message }]);
}

export const nextCursor = (next: Position | null): string | null =>
  next && toCursor([next.createdAt, next.id]);
