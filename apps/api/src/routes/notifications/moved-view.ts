import { STATES } from '@carillon/core/notification/states';
import { z } from '@hono/zod-openapi';

export const movedSchema = z
  .object({
    id: z.uuid(),
    notification_id: z.uuid().describe('The same as `id`.'),
    status: z.enum(STATES),
    send_at: z.iso.datetime().nullable(),
    updated_at: z.iso.datetime(),
  })
  .openapi('MovedNotification');
