import { refusedField } from '@carillon/services/context';
import { addStaff, type StaffWithLink } from '@carillon/services/staff/add';
import { changeStaff } from '@carillon/services/staff/change';
import { viewLink, viewStaff } from '@carillon/services/staff/list';
import { resetStaff } from '@carillon/services/staff/reset';
import { createRoute, z } from '@hono/zod-openapi';
import { emailAddress } from '../../accept/fields.ts';
import type { Api, ApiDeps, Caller } from '../../deps.ts';
import { needs } from '../../middleware/auth.ts';
import { problemResponses } from '../../openapi/problem-schema.ts';
import { serviceContext } from '../../service-context.ts';
import { NEEDS_INSTALLATION } from '../apps/app-schema.ts';
import { grantFields, grantsOf, staffParams, staffSchema, staffWithLinkSchema } from './staff-schema.ts';

const access = needs('staff:*', { everyApp: true });
const tags = ['Staff and audit'];
const withLink = { 'application/json': { schema: staffWithLinkSchema } };

const staffName = z.string().max(100).describe('How the person is called in the dashboard.');
const resetSchema = z
  .strictObject({
    second_factor: z
      .boolean()
      .default(false)
      .describe('Whether the second factor goes too, after a lost device.'),
  })
  .openapi('ResetStaffPasswordRequest');

const addRoute = createRoute({
  method: 'post',
  path: '/v1/staff',
  operationId: 'createStaffMember',
  summary: 'Invite a person to the dashboard',
  description: `The person gets a link by e-mail; without an e-mail account the answer holds it. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: {
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({ email: emailAddress(), name: staffName.optional(), ...grantFields })
            .openapi('CreateStaffMemberRequest'),
        },
      },
    },
  },
  responses: {
    201: { description: 'Added.', content: withLink },
    ...problemResponses('malformed_json', 'invalid_state', 'invalid_request'),
  },
});

const changeRoute = createRoute({
  method: 'patch',
  path: '/v1/staff/{id}',
  operationId: 'patchStaffMember',
  summary: 'Give an account other roles or another name, disable or enable it',
  description: `Only what is named changes. Holds from the next request to the dashboard on; disabling ends every session. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: {
    params: staffParams,
    body: {
      required: true,
      content: {
        'application/json': {
          schema: z
            .strictObject({ name: staffName.optional(), enabled: z.boolean().optional(), ...grantFields })
            .openapi('PatchStaffMemberRequest'),
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
  summary: 'Make a person choose another password',
  description: `The password it had opens nothing any longer, every session ends, and the person gets a link. ${NEEDS_INSTALLATION}`,
  tags,
  ...access,
  request: {
    params: staffParams,
    body: { required: false, content: { 'application/json': { schema: resetSchema } } },
  },
  responses: {
    200: { description: 'Reset.', content: withLink },
    ...problemResponses('not_found', 'invalid_request'),
  },
});

export function registerWriteStaff(app: Api, deps: ApiDeps): void {
  const context = (caller: Caller) => ({
    ...serviceContext(caller, deps),
    accept: deps.accept,
    dashboardUrl: deps.config.DASHBOARD_URL?.replace(/\/$/, ''),
    log: deps.log,
  });
  const view = ({ member, link }: StaffWithLink) => ({ ...viewStaff(member), link: viewLink(link) });

  app.openapi(addRoute, async (c) => {
    const { email, name, ...roles } = c.req.valid('json');
    const grants = grantsOf(roles);
    if (grants === undefined) throw refusedField('roles', 'is missing; give the roles of the person');
    return c.json(view(await addStaff(context(c.get('caller')), { email, name, grants })), 201);
  });
  app.openapi(changeRoute, async (c) => {
    const { id: who } = c.req.valid('param');
    const { name, enabled, ...roles } = c.req.valid('json');
    const change = { who, name, enabled, grants: grantsOf(roles) };
    return c.json(viewStaff(await changeStaff(context(c.get('caller')), change)), 200);
  });
  app.openapi(resetRoute, async (c) => {
    const { id: who } = c.req.valid('param');
    const { second_factor: secondFactor } = c.req.valid('json') ?? {};
    return c.json(view(await resetStaff(context(c.get('caller')), { who, secondFactor })), 200);
  });
}
