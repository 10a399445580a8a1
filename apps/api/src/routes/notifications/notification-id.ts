import { noSuchNotification } from '@carillon/services/notifications/moved';
import { z } from '@hono/zod-openapi';

export const notificationParams = z.object({
  id: z.string().openapi({ format: 'uuid', description: 'The `id` of the answer to the send.' }),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws ProblemError 404 for an invalid id: the same answer as for one that does not exist. */
export function requireId(id: string): string {
  if (!UUID.test(id)) throw noSuchNotification(id);
  return id.toLowerCase();
}
