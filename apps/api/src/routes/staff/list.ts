import { PERMISSIONS, permissionsOf, ROLE_PURPOSES, STAFF_ROLES } from '@carillon/core/access/access';
import { listStaff, viewStaff } from '@carillon/services/staff/list';
import { createRoute, z } from '@hono/zod-openapi';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { NEEDS_INSTALLATION } from '../apps/app-schema.ts';
import { UUID_CURSOR } from '../apps/list.ts';
import { fromCursor, limitOf, pageQuery, pageSchema, toCursor } from '../cursor.ts';
import { role, staffSchema } from './staff-schema.ts';

const access = needs('installation');
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

const permission = z.enum(PERMISSIONS);
const roleSchema = z
  .object({
    name: role,
    description: z.string(),
    permissions: z.array(permission).describe('What the dashboard lets it do beyond looking.'),
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
    const data = STAFF_ROLES.map((each) => ({
      name: each,
      description: ROLE_PURPOSES[each],
      permissions: permissionsOf(each),
    }));
    return c.json({ data, next_cursor: null }, 200);
  });
}
