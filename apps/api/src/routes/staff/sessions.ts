import { listStaffSessions } from '@carillon/db/staff/read-sessions';
import { viewSession } from '@carillon/services/staff/list';
import { endSession } from '@carillon/services/staff/sessions';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { pageSchema } from '../cursor.ts';
import { sessionSchema, staffParams } from './staff-schema.ts';

const access = needs('staff:*', { everyApp: true });
const tags = ['Staff and audit'];

const listRoute = createRoute({
  method: 'get',
  path: '/v1/staff/{id}/sessions',
  operationId: 'listStaffSessions',
  summary: 'List the live sessions of an account',
  description: 'The one used last first; always one page.',
  tags,
  ...access,
  request: { params: staffParams },
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageSchema(sessionSchema).openapi('StaffSessionPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

const endRoute = createRoute({
  method: 'delete',
  path: '/v1/staff/{id}/sessions/{session_id}',
  operationId: 'deleteStaffSession',
  summary: 'End a session of an account',
  description: 'Every API process refuses it after 5 s at most.',
  tags,
  ...access,
  request: { params: staffParams.extend({ session_id: z.uuid() }) },
  responses: { 204: { description: 'Ended.' }, ...problemResponses('not_found', 'invalid_request') },
});

export function registerStaffSessions(app: Api, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const rows = await listStaffSessions(deps.db.sql, c.req.valid('param').id);
    const current = c.get('caller').staff?.sessionId ?? null;
    return c.json({ data: rows.map((row) => viewSession(row, current)), next_cursor: null }, 200);
  });
  app.openapi(endRoute, async (c) => {
    const { id, session_id } = c.req.valid('param');
    await endSession(serviceContext(c.get('caller'), deps), { staffId: id, sessionId: session_id });
    return c.body(null, 204);
  });
}
