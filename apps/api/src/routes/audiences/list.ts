import { findUsersOfEach, listAudiences } from '@carillon/db/audiences/audiences';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { usedAudienceSchema, viewUsedAudience } from './audience-schema.ts';

const route = createRoute({
  method: 'get',
  path: '/v1/audiences',
  operationId: 'listAudiences',
  summary: 'List audiences by key',
  description: 'Needs the scope `audiences:read`.',
  tags: ['Audiences'],
  ...needs('audiences:read'),
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(usedAudienceSchema).openapi('AudiencePage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

export function registerListAudiences(app: Api, { db }: ApiDeps): void {
  app.openapi(route, async (c) => {
    const query = c.req.valid('query');
    const limit = limitOf(query.limit);
    const [after] = query.cursor === undefined ? [] : fromCursor(query.cursor, [/^[^\p{Cc}]{1,100}$/u]);
    const rows = await listAudiences(db.sql, c.get('caller'), after, limit + 1);
    const page = rows.slice(0, limit);
    const last = page.at(-1);
    const next = rows.length > limit && last ? toCursor([last.key]) : null;
    const users = await findUsersOfEach(
      db.sql,
      c.get('caller'),
      page.map(({ key }) => key),
    );
    const data = page.map((row) => viewUsedAudience(row, users.get(row.key)!));
    return c.json({ data, next_cursor: next }, 200);
  });
}
