import { ROLE_NAMES, ROLES } from '@carillon/core/access/roles';
import { listStaff, viewStaff } from '@carillon/services/staff/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { scope } from '../api-keys/key-schema.ts';
import { NEEDS_INSTALLATION } from '../apps/app-schema.ts';
import { UUID_CURSOR } from '../apps/list.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { staffSchema } from './staff-schema.ts';

const access = needs('staff:*', { everyApp: true });
const tags = ['Staff and audit'];

const listRoute = createRoute({
  method: 'get',
  path: '/v1/staff',
  operationId: 'listStaff',
  summary: 'List dashboard accounts',
  description: `Oldest first, disabled ones too. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: { query: z.strictObject(pageQuery) },
  responses: {
    200: {
      description: 'One page.',
      content: { 'application/json': { schema: pageSchema(staffSchema).openapi('StaffMemberPage') } },
    },
    ...problemResponses('invalid_request'),
  },
});

const roleSchema = z
  .object({
    name: z.enum(ROLE_NAMES),
    description: z.string(),
    scopes: z.array(scope).describe('What it may do; the same scopes as those of API keys.'),
  })
  .openapi('Role');

const rolesRoute = createRoute({
  method: 'get',
  path: '/v1/roles',
  operationId: 'listRoles',
  summary: 'List the roles of staff',
  description: `Always one page. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  responses: {
    200: {
      description: 'All of them.',
      content: { 'application/json': { schema: pageSchema(roleSchema).openapi('RolePage') } },
    },
    ...problemResponses(),
  },
});

export function registerListStaff(app: Api, deps: ApiDeps): void {
  app.openapi(listRoute, async (c) => {
    const { cursor, limit } = c.req.valid('query');
    const [after] = cursor === undefined ? [] : fromCursor(cursor, UUID_CURSOR);
    const { rows, next } = await listStaff(serviceContext(c.get('caller'), deps), {
      after,
      limit: limitOf(limit),
    });
    return c.json({ data: rows.map(viewStaff), next_cursor: next === null ? null : toCursor([next]) }, 200);
  });
  app.openapi(rolesRoute, (c) => {
    const data = ROLE_NAMES.map((name) => ({
      name,
      description: ROLES[name].purpose,
      scopes: [...ROLES[name].scopes],
    }));
    return c.json({ data, next_cursor: null }, 200);
  });
}
