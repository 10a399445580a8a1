import { listAuditLog, viewAuditEntry } from '@carillon/services/audit/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { auditContext, entrySchema, filterFrom, filterQuery } from './audit-schema.ts';

export const ID_CURSOR = [/^[1-9]\d{0,17}$/];

const route = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  summary: 'Read the audit log',
  description:
    'Newest first: every change by a person, a key or carillon-admin. A live key with the scope `audit:read` reads what was done to its own app; with the scope `installation` all of it, staff and provider accounts included.',
  tags: ['Staff and audit'],
  ...needs('audit:read', { everyApp: true }),
  request: { query: z.strictObject({ ...filterQuery, ...pageQuery }) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(entrySchema).openapi('AuditEntryPage') } },
    },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

export function registerListAudit(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { cursor, limit, ...filter } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, ID_CURSOR);
    const context = auditContext(c.get('caller'), deps);
    const input = { ...filterFrom(filter), after, limit: limitOf(limit) };
    const { rows, next } = await read(c, ({ sql }) => listAuditLog({ ...context, db: sql }, input));
    return c.json(
      { data: rows.map(viewAuditEntry), next_cursor: next === null ? null : toCursor([next]) },
      200,
    );
  });
}
