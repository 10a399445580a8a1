import { ProblemError } from '@carillon/core/problem';
import { z } from '@hono/zod-openapi';

export const notificationParams = z.object({
  id: z.string().openapi({ format: 'uuid', description: 'The `id` of the answer to the send.' }),
});

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** @throws ProblemError 404 for what cannot be an id: the same answer as for one that is not there. */
export function requireId(id: string): string {
  if (!UUID.test(id)) throw noSuchNotification(id);
  return id.toLowerCase();
}

/** One answer for "nobody's" and "another app's": whose ids exist is nobody's business. */
export function noSuchNotification(id: string): ProblemError {
  return new ProblemError(
    'not_found',
    `There is no notification ${JSON.stringify(id.slice(0, 64))} in this app and environment. Check the id and whether the key is a live or a test key.`,
  );
}
