import { VERIFY_MS, verifyAuditLog } from '@carillon/services/audit/verify';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { readFor } from '../../reads/read-for.ts';
import { fromCursor, pageQuery, toCursor } from '../cursor.ts';
import { auditContext } from './audit-schema.ts';
import { ID_CURSOR } from './list.ts';

const verificationSchema = z
  .object({
    status: z
      .enum(['intact', 'broken', 'unfinished'])
      .describe(
        '`unfinished`: intact so far, and there are more rows than one answer checks: go on with `next_cursor`.',
      ),
    checked: z.int().describe('Rows that this answer checked.'),
    broken: z
      .object({ id: z.string(), at: z.iso.datetime() })
      .nullable()
      .describe('The first row that was changed, or whose predecessor was changed or removed.'),
    head: z
      .object({ id: z.string(), hash: z.string() })
      .nullable()
      .describe(
        'The last row that was checked. Note it elsewhere: if it is gone later, the newest rows were removed, which the chain itself does not show.',
      ),
    next_cursor: z.string().nullable(),
  })
  .openapi('AuditVerification');

const route = createRoute({
  method: 'get',
  path: '/v1/audit/verify',
  operationId: 'verifyAudit',
  summary: 'Check the hash chain of the audit log',
  description:
    'Each row has the SHA-256 of its predecessor and its own content. All hashes are computed again, from the oldest row on, for at most three seconds an answer. The one chain holds the entries of all apps.',
  tags: ['Staff and audit'],
  ...needs('audit:read', { everyApp: true }),
  request: { query: z.strictObject({ cursor: pageQuery.cursor }) },
  responses: {
    200: { description: 'The result.', content: { 'application/json': { schema: verificationSchema } } },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

export function registerVerifyAudit(app: Api, deps: ApiDeps): void {
  const read = readFor(deps, route);
  app.openapi(route, async (c) => {
    const { cursor } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, ID_CURSOR);
    const context = auditContext(c.get('caller'), deps);
    const endsAt = performance.now() + VERIFY_MS;
    const { status, checked, broken, head, next } = await read(c, ({ sql }) =>
      verifyAuditLog({ ...context, db: sql }, { after, budgetMs: endsAt - performance.now() }),
    );
    return c.json(
      {
        status,
        checked,
        broken: broken && { id: broken.id, at: broken.at.toISOString() },
        head,
        next_cursor: next === null ? null : toCursor([next]),
      },
      200,
    );
  });
}
