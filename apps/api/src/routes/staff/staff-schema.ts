import { type Grant, ROLE_NAMES } from '@carillon/core/access/roles';
import { ENVIRONMENTS } from '@carillon/core/notification/environment';
import { refusedField } from '@carillon/services/context';
import { z } from '@hono/zod-openapi';

export const staffParams = z.object({ id: z.uuid() });

const role = z.enum(ROLE_NAMES);
const grantSchema = z
  .object({
    role,
    app_id: z.uuid().nullable().describe('null: every app.'),
    environment: z.enum(ENVIRONMENTS).nullable().describe('null: both.'),
  })
  .openapi('StaffRole');

/** `role` is a short form of one role in every app and environment. */
export const grantFields = {
  role: role.optional().describe('One role in every app and both environments; in the place of `roles`.'),
  roles: z
    .array(
      z.strictObject({
        role,
        app_id: z.uuid().nullable().default(null).describe('null: every app.'),
        environment: z.enum(ENVIRONMENTS).nullable().default(null).describe('null: both.'),
      }),
    )
    .min(1)
    .max(100)
    .optional()
    .describe('All roles of the person.'),
};

/** @throws ProblemError 422 for both, or for neither where one is needed. */
export function grantsOf(body: {
  role?: Grant['role'] | undefined;
  roles?:
    | readonly { role: Grant['role']; app_id: string | null; environment: Grant['environment'] }[]
    | undefined;
}): Grant[] | undefined {
  if (body.role !== undefined && body.roles !== undefined)
    throw refusedField('role', 'is mutually exclusive with roles; give one of the two');
  if (body.role !== undefined) return [{ role: body.role, appId: null, environment: null }];
  return body.roles?.map((each) => ({
    role: each.role,
    appId: each.app_id,
    environment: each.environment,
  }));
}

export const staffSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    roles: z.array(grantSchema),
    enabled: z.boolean(),
    has_login: z
      .boolean()
      .describe('Whether the person has chosen a password, or logs in by an OpenID provider.'),
    two_factor: z.boolean(),
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable(),
    last_seen_at: z.iso.datetime().nullable().describe('null without a live session.'),
  })
  .openapi('StaffMember');

export const staffWithLinkSchema = staffSchema
  .extend({
    link: z
      .object({
        url: z
          .string()
          .nullable()
          .describe(
            'The link, shown this once; null where it was sent. Without DASHBOARD_URL it begins with a slash.',
          ),
        sent: z.boolean().describe('Whether it was sent to the person by e-mail.'),
        expires_at: z.iso.datetime(),
      })
      .describe('Leads to the page on which the person chooses a password. It works once.'),
  })
  .openapi('StaffMemberWithLink');

export const sessionSchema = z
  .object({
    id: z.uuid(),
    current: z.boolean().describe('Whether it is the session of this request.'),
    created_at: z.iso.datetime(),
    last_seen_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    ip_address: z.string().nullable(),
    user_agent: z.string().nullable(),
  })
  .openapi('StaffSession');
