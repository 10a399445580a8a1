import { STAFF_ROLES } from '@carillon/core/access/access';
import { z } from '@hono/zod-openapi';

export const staffParams = z.object({ id: z.uuid() });
export const role = z.enum(STAFF_ROLES);

export const staffSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    role,
    enabled: z.boolean(),
    created_at: z.iso.datetime(),
    disabled_at: z.iso.datetime().nullable(),
    one_time_password_until: z.iso
      .datetime()
      .nullable()
      .describe('Until when the one-time password opens the first login; null once a password was chosen.'),
    last_seen_at: z.iso.datetime().nullable().describe('null without a live session.'),
  })
  .openapi('StaffMember');

export const staffWithPasswordSchema = staffSchema
  .extend({
    one_time_password: z
      .string()
      .describe('Opens the page of the dashboard on which the person chooses a password. Shown this once.'),
  })
  .openapi('StaffMemberWithPassword');
