import { listAuditLog, viewAuditEntry } from '@carillon/services/audit/list';
import { createRoute, z } from '@hono/zod-openapi';
import { singleLine, time } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';

const ID_CURSOR = [/^[1-9]\d{0,17}$/];

const entrySchema = z
  .object({
    id: z.string().describe('A number that rises with time.'),
    at: z.iso.datetime(),
    app_id: z.uuid().nullable().describe('null: it concerns the whole installation.'),
    actor: z
      .string()
      .describe('`key:<id>`, `staff:<e-mail>`, `system:<service>` or `carillon-admin (<user>@<host>)`.'),
    action: z.string().describe('`api_key.revoke`, `notification.retry` ...'),
    subject: z.string().describe('`api_key:<id>`, `notification:<id>` ...'),
    detail: z
      .record(z.string(), z.unknown())
      .describe('What changed: never a secret, an address or a message.'),
  })
  .openapi('AuditEntry');

const route = createRoute({
  method: 'get',
  path: '/v1/audit',
  operationId: 'listAudit',
  summary: 'Read the audit log',
  description:
    'Newest first: every change by a person, a key or carillon-admin. A live key with the scope `admin` reads what was done to its own app; with the scope `installation` all of it, staff and provider accounts included.',
  tags: ['Staff and audit'],
  ...needs('admin'),
  request: {
    query: z.strictObject({
      subject: singleLine(512).optional(),
      actor: singleLine(512).optional(),
      action: singleLine(100).optional().describe('A whole action, or all of a noun with a dot: `api_key.`'),
      app_id: z.uuid().optional(),
      created_after: time().optional(),
      created_before: time().optional(),
      ...pageQuery,
    }),
  },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(entrySchema).openapi('AuditEntryPage') } },
    },
    ...problemResponses('wrong_environment', 'invalid_request'),
  },
});

const date = (time: string | undefined) => (time === undefined ? undefined : new Date(time));

export function registerListAudit(app: Api, deps: ApiDeps): void {
  app.openapi(route, async (c) => {
    const { app_id, created_after, created_before, cursor, limit, ...same } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, ID_CURSOR);
    const { rows, next } = await listAuditLog(serviceContext(c.get('caller'), deps), {
      ...same,
      appId: app_id,
      since: date(created_after),
      until: date(created_before),
      after,
      limit: limitOf(limit),
    });
    return c.json(
      { data: rows.map(viewAuditEntry), next_cursor: next === null ? null : toCursor([next]) },
      200,
    );
  });
}
