import { addStaff } from '@carillon/services/staff/add';
import { changeStaff } from '@carillon/services/staff/change';
import { viewStaff } from '@carillon/services/staff/list';
import { resetStaff } from '@carillon/services/staff/reset';
import { createRoute, z } from '@hono/zod-openapi';
import { emailAddress } from '../../accept/fields.ts';
import type { Api, ApiDeps } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { NEEDS_INSTALLATION } from '../apps/app-schema.ts';
import { role, staffParams, staffSchema, staffWithPasswordSchema } from './staff-schema.ts';

const access = needs('installation');
const tags = ['Staff and audit'];
const withPassword = { 'application/json': { schema: staffWithPasswordSchema } };

const addRoute = createRoute({
  method: 'post',
  path: '/v1/staff',
  operationId: 'createStaffMember',
  summary: 'Add a dashboard account',
  description: `With a one-time password for the person. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ email: emailAddress(), role }).openapi('CreateStaffMemberRequest'),
        },
      },
    },
  },
  responses: {
    201: { description: 'Added. The password is not shown again.', content: withPassword },
    ...problemResponses('malformed_json', 'invalid_state', 'invalid_request'),
  },
});

const changeRoute = createRoute({
  method: 'patch',
  path: '/v1/staff/{id}',
  operationId: 'patchStaffMember',
  summary: 'Give an account another role, disable or enable it',
  description: `Only what is named changes. Holds from the next request to the dashboard on; disabling ends every session. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: {
    params: staffParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z.strictObject({ role, enabled: z.boolean() }).partial().openapi('PatchStaffMemberRequest'),
        },
      },
    },
  },
  responses: {
    200: { description: 'Changed.', content: { 'application/json': { schema: staffSchema } } },
    ...problemResponses('malformed_json', 'not_found', 'invalid_state', 'invalid_request'),
  },
});

const resetRoute = createRoute({
  method: 'post',
  path: '/v1/staff/{id}/reset-password',
  operationId: 'resetStaffPassword',
  summary: 'Give an account a one-time password',
  description: `The password it had opens nothing any longer, and every session ends. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: { params: staffParams },
  responses: {
    200: { description: 'The one-time password, shown this once.', content: withPassword },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerWriteStaff(app: Api, deps: ApiDeps): void {
  app.openapi(addRoute, async (c) => {
    const added = await addStaff(serviceContext(c.get('caller'), deps), c.req.valid('json'));
    return c.json({ ...viewStaff(added.member), one_time_password: added.oneTimePassword }, 201);
  });
  app.openapi(changeRoute, async (c) => {
    const { id: who } = c.req.valid('param');
    const changed = await changeStaff(serviceContext(c.get('caller'), deps), { who, ...c.req.valid('json') });
    return c.json(viewStaff(changed), 200);
  });
  app.openapi(resetRoute, async (c) => {
    const { id: who } = c.req.valid('param');
    const reset = await resetStaff(serviceContext(c.get('caller'), deps), { who });
    return c.json({ ...viewStaff(reset.member), one_time_password: reset.oneTimePassword }, 200);
  });
}
