import type { AuditFilter } from '@carillon/db/audit/list-audit';
import { z } from '@hono/zod-openapi';
import { singleLine, time } from '../../accept/fields.ts';

export const entrySchema = z
  .object({
    id: z.string().describe('A number that rises with time.'),
    at: z.iso.datetime(),
    app_id: z.uuid().nullable().describe('null: it concerns the whole installation.'),
    actor: z
      .string()
      .describe('`key:<id>`, `staff:<e-mail>`, `system:<service>` or `carillon-admin (<user>@<host>)`.'),
    action: z.string().describe('`api_key.revoke`, `notification.retry` ...'),
    subject: z.string().describe('`api_key:<id>`, `notification:<id>` ...'),
    detail: z
      .record(z.string(), z.unknown())
      .describe('What changed: never a secret, an address or a message.'),
    before: z
      .record(z.string(), z.unknown())
      .nullable()
      .describe('The members that were something else before; null where the entry does not say.'),
    after: z.record(z.string(), z.unknown()).nullable().describe('The same members as they are since.'),
  })
  .openapi('AuditEntry');

/** What narrows the list, and the export. */
export const filterQuery = {
  subject: singleLine(512).optional(),
  actor: singleLine(512).optional(),
  action: singleLine(100).optional().describe('A whole action, or all of a noun with a dot: `api_key.`'),
  app_id: z.uuid().optional(),
  created_after: time().optional(),
  created_before: time().optional(),
};

const date = (time: string | undefined) => (time === undefined ? undefined : new Date(time));

/** @param query as parsed by `filterQuery`. */
export function filterFrom(query: {
  subject?: string | undefined;
  actor?: string | undefined;
  action?: string | undefined;
  app_id?: string | undefined;
  created_after?: string | undefined;
  created_before?: string | undefined;
}): AuditFilter {
  const { app_id, created_after, created_before, subject, actor, action } = query;
  return {
    subject,
    actor,
    action,
    appId: app_id,
    since: date(created_after),
    until: date(created_before),
  };
}
