import { listApps, viewApp } from '@carillon/services/apps/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { appSchema, NEEDS_INSTALLATION } from './app-schema.ts';

export const UUID_CURSOR = [/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/];

const route = createRoute({
  method: 'get',
  path: '/v1/apps',
  operationId: 'listApps',
  summary: 'List the apps of the installation',
  description: `Oldest first. ${NEEDS_INSTALLATION}`,
  tags: ['Apps and keys'],
  ...needs('installation', { everyApp: true }),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(appSchema).openapi('AppPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListApps(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, UUID_CURSOR);
    const { rows, next } = await listApps(serviceContext(c.get('caller'), deps), {
      after,
      limit: limitOf(limit),
    });
    return c.json({ data: rows.map(viewApp), next_cursor: next === null ? null : toCursor([next]) }, 200);
  });
}
