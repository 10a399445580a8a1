import { listBreakers } from '@carillon/db/breakers/breakers';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { breakerSchema, viewBreaker } from './breaker-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/breakers',
  operationId: 'listBreakers',
  summary: 'List provider accounts with their circuit breakers',
  description:
    'Breakers belong to the whole installation, not to an app: every app sends through the same accounts. Needs the scope `providers:read`.',
  tags: ['Breakers'],
  ...needs('providers:read'),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(breakerSchema).openapi('BreakerPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListBreakers(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\0]{1,255}$/]);
    const rows = await listBreakers(db.sql, after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    return c.json(
      {
        data: page.map(viewBreaker),
        next_cursor: rows.length > limit && last ? toCursor([last.account]) : null,
      },
      200,
    );
  });
}
